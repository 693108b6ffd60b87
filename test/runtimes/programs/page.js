// @ts-check
/**
 * The classic script of every test page: sends its result, or the error that prevented it, to the
 * server, and goes on to the page that the server names. A page's result is the detail of an event.
 */
(() => {
  const page = document.currentScript?.dataset.page ?? "";
  let isSent = false;
  const send = async (/** @type {object} */ report) => {
    if (isSent) return;
    isSent = true;
    const body = JSON.stringify(report);
    const answer = await fetch(`/report?page=${encodeURIComponent(page)}`, {
      method: "POST",
      body,
    });
    const { next } = await answer.json();
    if (next) location.replace(next);
  };
  addEventListener("result", (event) => send(/** @type {CustomEvent} */ (event).detail));
  addEventListener("unhandledrejection", ({ reason }) => send({ error: String(reason) }));
  addEventListener(
    "error",
    ({ message, target }) => send({ error: message ?? `${target} could not be loaded` }),
    true,
  );
})();
