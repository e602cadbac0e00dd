// Parts that look again by themselves (hx-trigger "every …"): never while nobody sees them, less and less often while
// nothing changes or nothing answers, at once when the reader comes back. What is on the page stays until something new is there.
(() => {
  "use strict";
  const MOST = 8; // the longest pause, in turns, where data-most does not say another
  const parts = new Map();
  const part = (element) => {
    if (!element || !(element.getAttribute("hx-trigger") || "").startsWith("every")) return null;
    if (!parts.has(element.id)) parts.set(element.id, { last: "", quiet: 1, left: 0 });
    return parts.get(element.id);
  };
  // What the part looks like in an answer, "" where it has none of it: an error, or the page for signing in.
  const shown = (text, id) => (new DOMParser().parseFromString(text, "text/html").getElementById(id) || {}).outerHTML || "";
  const on = (name, act) => document.addEventListener(name, (event) => {
    const found = event.detail.ctx && part(event.detail.ctx.sourceElement);
    if (found) act(event, found, event.detail.ctx);
  });
  const rest = (found, element) => { found.quiet = Math.min(found.quiet * 2, Number(element.dataset.most) || MOST); found.left = found.quiet - 1; };

  on("htmx:before:request", (event, found) => {
    if (document.hidden || found.left-- > 0) event.preventDefault();
    else found.left = 0;
  });
  on("htmx:after:request", (event, found, context) => {
    const now = context.response.status === 200 ? shown(context.text, context.sourceElement.id) : "";
    if (now && now !== found.last) { found.last = now; found.quiet = 1; return; }
    event.preventDefault();
    rest(found, context.sourceElement);
  });
  on("htmx:error", (event, found, context) => rest(found, context.sourceElement));
  document.addEventListener("visibilitychange", () => { for (const found of parts.values()) found.left = 0; });
})();
