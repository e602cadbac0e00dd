// Comfort for forms that send a file: progress, size check before sending, no second click. Without it the form works as it is.
(() => {
  "use strict";

  const say = (form, text, busy) => {
    const status = form.querySelector("[data-upload-status]");
    status.hidden = !text;
    status.querySelector("p").textContent = text;
    const bar = status.querySelector("progress");
    bar.hidden = !busy;
    if (busy) bar.removeAttribute("value");
    return bar;
  };

  const rest = (form, text) => {
    form.removeAttribute("aria-busy");
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    say(form, text, false);
  };

  // The answer is a whole page. Its main part takes the place of ours; the file that was chosen stays chosen.
  const show = (form, html) => {
    const next = new DOMParser().parseFromString(html, "text/html");
    const main = next.querySelector("main");
    if (!main) return false;
    form.querySelectorAll("input[type=file][id]").forEach((input) => {
      const empty = main.querySelector(`#${CSS.escape(input.id)}`);
      if (!empty || !input.files.length) return;
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (empty.hasAttribute(name)) input.setAttribute(name, empty.getAttribute(name));
        else input.removeAttribute(name);
      }
      empty.replaceWith(input);
    });
    document.title = next.title;
    document.querySelector("main").replaceWith(main);
    if (window.htmx) window.htmx.process(main);
    const wrong = main.querySelector("[aria-invalid], .notice.stop");
    if (wrong) {
      if (!wrong.matches("input, textarea, select")) wrong.tabIndex = -1;
      wrong.focus();
    }
    return true;
  };

  const send = (form, body) => {
    const request = new XMLHttpRequest();
    const bar = say(form, form.dataset.sending, true);
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.max = event.total;
      bar.value = event.loaded;
      if (event.loaded === event.total) say(form, form.dataset.checking, true);
    });
    request.addEventListener("load", () => {
      const target = request.responseURL.split("#")[0];
      if (request.status < 400 && target) {
        if (target === location.href.split("#")[0]) location.reload();
        else location.assign(target);
      } else if (!show(form, request.responseText)) rest(form, form.dataset.cut);
    });
    request.addEventListener("error", () => rest(form, form.dataset.cut));
    request.open("POST", form.action);
    request.send(body);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]")) return;
    const tooLarge = [...form.querySelectorAll("input[type=file][data-limit]")].find(
      (input) => [...input.files].some((file) => file.size > Number(input.dataset.limit)),
    );
    if (tooLarge) {
      event.preventDefault();
      rest(form, tooLarge.dataset.tooLarge);
      tooLarge.focus();
      return;
    }
    // Read before the buttons are disabled: the pressed one may carry a value.
    const body = new FormData(form, event.submitter);
    event.preventDefault();
    form.setAttribute("aria-busy", "true");
    form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    send(form, body);
  });
})();
