/** A turn of the event loop, so that a long call or fit leaves the thread to others now and then. */
interface Host {
  setImmediate?(task: () => void): unknown;
  setTimeout?(task: () => void): unknown;
  readonly MessageChannel?: new () => {
    readonly port1: {
      addEventListener(type: string, listener: () => void): void;
      start(): void;
      close(): void;
    };
    readonly port2: { postMessage(message: unknown): void };
  };
}

const host = globalThis as Host;

export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (host.setImmediate) host.setImmediate(resolve);
    else if (host.MessageChannel) {
      const { port1, port2 } = new host.MessageChannel();
      port1.addEventListener("message", () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(0);
    } else if (host.setTimeout) host.setTimeout(resolve);
    else resolve();
  });
}
