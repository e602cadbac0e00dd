// A sheet without a script works: this only keeps level and mark in step, adds up, and warns before leaving.
"use strict";

document.querySelectorAll("form[data-sheet]").forEach((form) => {
  const french = document.documentElement.lang === "fr";
  const criteria = Array.from(form.querySelectorAll("[data-criterion]"));
  const read = (text) => {
    const value = Number(text.trim().replace(",", "."));
    return text.trim() === "" || Number.isNaN(value) ? null : value;
  };
  const write = (value) => String(Math.round(value * 1e6) / 1e6).replace(".", french ? "," : ".");

  const parts = (criterion) => ({
    mark: criterion.querySelector("input[data-maximum]"),
    levels: Array.from(criterion.querySelectorAll("input[type=radio]")),
  });

  const addUp = () => {
    const marks = criteria.map((criterion) => read(parts(criterion).mark.value)).filter((mark) => mark !== null);
    const shown = form.querySelector("[data-total]");
    if (shown) shown.textContent = write(marks.reduce((sum, mark) => sum + mark, 0));
  };

  criteria.forEach((criterion) => {
    const { mark, levels } = parts(criterion);
    const step = Number(mark.dataset.step);
    levels.forEach((level) => {
      level.addEventListener("change", () => {
        const [low, high] = [Number(level.dataset.low), Number(level.dataset.high)];
        const now = read(mark.value);
        if (now === null || now < low || now > high) {
          mark.value = write(Math.floor((low + high) / 2 / step) * step);
        }
        addUp();
      });
    });
    mark.addEventListener("input", () => {
      const now = read(mark.value);
      levels.forEach((level) => {
        level.checked = now !== null && Number(level.dataset.low) <= now && now <= Number(level.dataset.high);
      });
      addUp();
    });
  });

  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
});
