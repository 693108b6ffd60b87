"""PyTorch on one thread as a contender; ../child.mjs describes the requests."""

import statistics
import sys
import time

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(1)


class Job:
    def __init__(self, workload, folder, sets, axis, shape):
        self.folder = folder
        self.axis = axis
        self.values = None
        self.compute = getattr(self, COMPUTE[workload])
        needs_grad = workload.endswith("gradient")

        def read(name, dtype):
            return numpy.fromfile(f"{folder}/{name}", dtype=dtype)

        self.x = []
        self.targets = []
        self.labels = []
        for i in range(sets):
            x = torch.from_numpy(read(f"logits{i}", numpy.float32)).reshape(shape)
            self.x.append(x.requires_grad_(needs_grad))
            rows = [size for at, size in enumerate(shape) if at != axis]
            targets = torch.from_numpy(read(f"targets{i}", numpy.int32)).long()
            self.targets.append(targets.reshape(rows))
            self.labels.append(torch.from_numpy(read(f"labels{i}", numpy.float32)).reshape(shape))

    @torch.inference_mode()
    def softmax(self, i):
        return torch.softmax(self.x[i], self.axis)

    @torch.inference_mode()
    def log_softmax(self, i):
        return torch.log_softmax(self.x[i], self.axis)

    @torch.inference_mode()
    def logsumexp(self, i):
        return torch.logsumexp(self.x[i], self.axis)

    @torch.inference_mode()
    def sigmoid(self, i):
        return torch.sigmoid(self.x[i])

    @torch.inference_mode()
    def cross_entropy(self, i):
        return F.cross_entropy(self.x[i], self.targets[i])

    @torch.inference_mode()
    def binary(self, i):
        return F.binary_cross_entropy_with_logits(self.x[i], self.labels[i])

    def cross_entropy_gradient(self, i):
        self.x[i].grad = None
        loss = F.cross_entropy(self.x[i], self.targets[i])
        loss.backward()
        return loss

    def binary_gradient(self, i):
        self.x[i].grad = None
        loss = F.binary_cross_entropy_with_logits(self.x[i], self.labels[i])
        loss.backward()
        return loss

    def outcome(self, i):
        result = self.compute(i)
        values = self.x[i].grad if self.x[i].grad is not None else result
        if values.dim() > 0:
            values.detach().numpy().tofile(f"{self.folder}/values")
        return f"loss {result.item():.17g}" if result.dim() == 0 else "none"

    def round(self, milliseconds):
        times = []
        i = 0
        self.compute(0)
        start = time.perf_counter()
        while len(times) < 2 or time.perf_counter() - start < milliseconds / 1000:
            i = (i + 1) % len(self.x)
            before = time.perf_counter()
            self.compute(i)
            times.append(time.perf_counter() - before)
        return f"ms {statistics.median(times) * 1000:.9f}"


COMPUTE = {
    "softmax": "softmax",
    "logSoftmax": "log_softmax",
    "logSumExp": "logsumexp",
    "sigmoid": "sigmoid",
    "crossEntropy": "cross_entropy",
    "crossEntropy with gradient": "cross_entropy_gradient",
    "binaryCrossEntropyWithLogits": "binary",
    "binaryCrossEntropyWithLogits with gradient": "binary_gradient",
}


def reply(job, words):
    if words[0] == "round":
        return job.round(float(words[1]))
    return job.outcome(int(words[1]))


def main():
    job = None
    for line in sys.stdin:
        words = line.rstrip("\n").split("\t")
        if words[0] == "title":
            answer = f"PyTorch {torch.__version__}"
        elif words[0] == "open":
            name, folder, sets, axis, *shape = words[1:]
            job = Job(name, folder, int(sets), int(axis), [int(size) for size in shape])
            answer = "ok"
        elif words[0] == "close":
            job = None
            answer = "ok"
        else:
            answer = reply(job, words)
        print(answer, flush=True)


main()
