import { describe, expect, it, test } from "vitest";
import { readShard, shardRange } from "../../src/jobs/shard.ts";

describe("shardRange", () => {
  it("cuts rows into neighbours that cover each row once", () => {
    for (const rows of [0, 1, 6, 7, 1000, 2 ** 50 + 1]) {
      for (const count of [1, 2, 7, 11]) {
        let end = 0;
        for (let index = 0; index < count; index++) {
          const range = shardRange({ index, count }, rows);
          expect(range.first).toBe(end);
          expect(range.end - range.first).toBeLessThanOrEqual(Math.ceil(rows / count));
          end = range.end;
        }
        expect(end).toBe(rows);
      }
    }
  });
});

describe("readShard", () => {
  const slurm = {
    SLURM_ARRAY_TASK_ID: "3",
    SLURM_ARRAY_TASK_COUNT: "7",
    SLURM_ARRAY_TASK_MIN: "1",
    SLURM_ARRAY_TASK_STEP: "1",
  };
  test.each([
    ["0/1", {}, [0, 1]],
    ["6/7", slurm, [6, 7]],
    ["auto", slurm, [2, 7]],
    ["auto", { SLURM_ARRAY_TASK_ID: "0", SLURM_ARRAY_TASK_COUNT: "4" }, [0, 4]],
    ["auto", { ...slurm, SLURM_ARRAY_TASK_ID: "9", SLURM_ARRAY_TASK_STEP: "2" }, [4, 7]],
    ["auto/5", { JOB_COMPLETION_INDEX: "4" }, [4, 5]],
  ])("%s with %j is %j", (text, environment, wanted) => {
    const { index, count } = readShard(text, environment as Record<string, string>);
    expect([index, count]).toEqual(wanted);
  });

  test.each([
    ["7/7", {}, "7/7 of 7"],
    ["1", {}, "got 1"],
    ["1/0", {}, "1/0 of 0"],
    ["-1/3", {}, "got -1/3"],
    ["1/3/5", {}, "got 1/3/5"],
    ["auto", {}, "auto with neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX"],
    ["auto", { JOB_COMPLETION_INDEX: "4" }, "and no count: write auto/COUNT"],
    ["auto/4", { JOB_COMPLETION_INDEX: "4" }, "JOB_COMPLETION_INDEX=4 of 4"],
    ["auto", { ...slurm, SLURM_ARRAY_TASK_ID: "x" }, "SLURM_ARRAY_TASK_ID=x"],
    ["auto", { ...slurm, SLURM_ARRAY_TASK_STEP: "5" }, "SLURM_ARRAY_TASK_ID=3 of 7"],
  ])("%s with %j is refused", (text, environment, says) => {
    const read = () => readShard(text, environment as Record<string, string>);
    expect(read).toThrow(says);
    expect(read).toThrow(/^shard: shard must be "INDEX\/COUNT"/);
  });
});
