// A sheet without a script works. This keeps level and mark in step, adds up, and saves each field by itself: what the
// server does not have yet lies in localStorage, and of two values given on two pages neither is lost.
"use strict";

document.querySelectorAll("form[data-sheet]").forEach((form) => {
  const french = document.documentElement.lang === "fr";
  const words = form.dataset;
  const find = (selector, inside = form) => inside.querySelector(selector);
  const read = (text) => {
    const value = Number(text.trim().replace(",", "."));
    return text.trim() === "" || Number.isNaN(value) ? null : value;
  };
  const write = (value) => String(Math.round(value * 1e6) / 1e6).replace(".", french ? "," : ".");

  // ---- The fields: what stands in each, and what the server is known to have.
  const fields = Array.from(form.querySelectorAll("[data-field]")).map((input) => {
    const box = input.closest("[data-name]");
    return {
      input, box, name: input.dataset.field, mark: input.matches("[data-maximum]"), known: input.dataset.kept,
      levels: Array.from(box.querySelectorAll("input[type=radio]")), state: "", sent: null, theirs: null, refused: null,
    };
  });
  const norm = (field, text) => {
    const value = field.mark ? read(text) : null;
    return value === null ? text.replace(/\r\n/g, "\n").trim() : write(value);
  };
  const typed = (field) => norm(field, field.input.value);
  const dirty = (field) => typed(field) !== norm(field, field.known);

  const addUp = () => {
    const marks = fields.filter((field) => field.mark)
      .map((field) => (read(field.input.value) ?? 0) * Number(field.input.dataset.worth ?? 1));
    const shown = find("[data-total]");
    if (shown) shown.textContent = write(Math.round(marks.reduce((sum, points) => sum + points, 0) * 1e6) / 1e6);
  };
  const matchLevels = (field) => {
    const now = read(field.input.value);
    field.levels.forEach((level) => {
      level.checked = now !== null && Number(level.dataset.low) <= now && now <= Number(level.dataset.high);
    });
  };
  const put = (field, text) => {
    field.input.value = text;
    matchLevels(field);
    addUp();
  };

  const tell = (field, state, text) => {
    if (field.state === state + text) return;
    field.state = state + text;
    const shape = { saved: "full", saving: "run", waiting: "half", clash: "half", refused: "fail" }[state];
    const tag = document.createElement("span");
    tag.className = `tag ${shape}`;
    tag.textContent = text;
    find("[data-state]", field.box).replaceChildren(tag);
    // Only ends are read aloud, not the way there.
    if (state !== "saving" && find("[data-live]")) find("[data-live]").textContent = `${field.box.dataset.name}, ${text}`;
  };

  // ---- What the server does not have yet, kept on this device, by juror and sheet.
  const shelf = {
    prefix: `datathon.sheet.${words.store}.`,
    own: Math.random().toString(36).slice(2),
    write(entries) {
      try {
        if (Object.keys(entries).length) localStorage.setItem(this.prefix + this.own, JSON.stringify({ at: Date.now(), entries }));
        else localStorage.removeItem(this.prefix + this.own);
      } catch { /* Private windows may have no storage: the page itself still keeps everything. */ }
    },
    take() {
      const found = [];
      try {
        Object.keys(localStorage).filter((key) => key.startsWith(this.prefix)).forEach((key) => {
          found.push(JSON.parse(localStorage.getItem(key)));
          localStorage.removeItem(key);
        });
      } catch { /* As above. */ }
      return found.sort((one, other) => one.at - other.at);
    },
  };
  const stow = () => shelf.write(Object.fromEntries(
    fields.filter(dirty).map((field) => [field.name, { before: field.known, after: field.input.value }]),
  ));

  // ---- Two values for one field.
  const settle = (field, choice) => {
    const theirs = field.theirs;
    if (choice === "theirs") put(field, theirs);
    if (choice === "both") put(field, `${theirs}\n\n${field.input.value}`.trim());
    field.known = theirs;
    field.theirs = null;
    find(".clash", field.box)?.remove();
    field.input.focus();
    if (dirty(field)) later(field, 0);
    else tell(field, "saved", field.said || "✓");
    stow();
  };
  const clash = (field, theirs) => {
    field.theirs = theirs;
    find(".clash", field.box)?.remove();
    const shown = find("template[data-clash]").content.firstElementChild.cloneNode(true);
    find("[data-mine]", shown).textContent = field.input.value || "–";
    find("[data-theirs]", shown).textContent = theirs || "–";
    if (field.mark) find("[data-choose=both]", shown).remove();
    shown.setAttribute("aria-label", field.box.dataset.name);
    shown.addEventListener("click", (event) => {
      if (event.target.dataset.choose) settle(field, event.target.dataset.choose);
    });
    field.box.append(shown);
    tell(field, "clash", words.clashing);
  };

  // ---- Saving, one field at a time, again and again until the server has it.
  let busy = false;
  let pause = 1000;
  let retry = 0;
  const trouble = (text) => {
    const old = find("[data-shown-trouble]");
    if (!text) return old?.remove();
    if (old) { find("p", old).textContent = text; return undefined; }
    const box = find("template[data-trouble]").content.firstElementChild.cloneNode(true);
    box.dataset.shownTrouble = "";
    find("p", box).textContent = text;
    find(".savebar").before(box);
    return undefined;
  };
  const pending = () => fields.filter((field) => dirty(field) && field.theirs === null && field.refused !== typed(field));
  const later = (field, wait) => {
    clearTimeout(field.timer);
    field.timer = setTimeout(drain, wait);
  };
  const again = (text) => {
    pending().forEach((field) => tell(field, "waiting", words.waiting));
    trouble(text);
    clearTimeout(retry);
    retry = setTimeout(drain, pause);
    pause = Math.min(pause * 2, 30000);
  };
  // After signing in again the form's token is another one: the page itself has the new one.
  const freshToken = async () => {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(15000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("form[data-sheet] input[name=csrf_token]");
    if (token) find("input[name=csrf_token]").value = token.value;
    return Boolean(token);
  };
  const learn = (told, saved) => {
    find("input[name=version]").value = told.version;
    if (find("[data-left]")) find("[data-left]").textContent = told.left;
    if (find("[data-saved]") && told.saved) find("[data-saved]").textContent = told.saved;
    fields.forEach((field) => {
      const theirs = told.fields[field.name];
      if (field === saved || dirty(field) || field.theirs !== null || field.input === document.activeElement) return;
      if (norm(field, theirs) === norm(field, field.known)) return;
      field.known = theirs;
      put(field, theirs);
      tell(field, "saved", told.saved);
    });
  };
  const send = async (field) => {
    const sent = field.input.value;
    const body = new URLSearchParams({
      csrf_token: find("input[name=csrf_token]")?.value ?? "", field: field.name, before: field.known, after: sent,
    });
    tell(field, "saving", words.saving);
    let answer;
    let told;
    try {
      answer = await fetch(words.keep, {
        method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000),
      });
      told = await answer.json();
    } catch {
      again(words.offline);
      return false;
    }
    if (answer.ok) {
      field.known = told.fields[field.name];
      field.said = told.saved;
      field.refused = null;
      learn(told, field);
      if (!dirty(field)) tell(field, "saved", told.saved);
      pause = 1000;
      trouble("");
      stow();
      return true;
    }
    if ([400, 401].includes(answer.status)) {
      const fresh = await freshToken().catch(() => false);
      again(fresh ? "" : words.out);
      return false;
    }
    if (answer.status >= 500 || answer.status === 429) {
      again(words.waiting);
      return false;
    }
    if ("theirs" in told) {
      learn(told, field);
      clash(field, told.theirs);
    } else {
      field.refused = norm(field, sent);
      tell(field, "refused", words.refused + told.title);
    }
    return true;
  };
  async function drain() {
    if (busy || !words.keep) return;
    busy = true;
    clearTimeout(retry);
    try {
      for (let [next] = pending(); next; [next] = pending()) if (!(await send(next))) break;
    } finally {
      busy = false;
    }
  }

  const changed = (field, wait) => {
    field.refused = null;
    stow();
    if (field.theirs !== null) { find("[data-mine]", field.box).textContent = field.input.value || "–"; return; }
    if (!words.store || !dirty(field)) return;
    if (words.keep) later(field, wait);
    else tell(field, "waiting", words.unsent);
  };
  fields.forEach((field) => {
    const step = Number(field.input.dataset.step);
    field.levels.forEach((level) => level.addEventListener("change", () => {
      const [low, high] = [Number(level.dataset.low), Number(level.dataset.high)];
      const now = read(field.input.value);
      if (now === null || now < low || now > high) field.input.value = write(Math.floor((low + high) / 2 / step) * step);
      addUp();
      changed(field, 0);
    }));
    field.input.addEventListener("input", () => {
      matchLevels(field);
      addUp();
      changed(field, field.mark ? 700 : 1500);
    });
    field.input.addEventListener("change", () => changed(field, 0));
  });

  // ---- What an earlier page of this device could not save, and what a refused form shows.
  if (words.store) {
    const before = new Map();
    shelf.take().forEach(({ entries }) => Object.entries(entries).forEach(([name, entry]) => {
      before.set(name, [...(before.get(name) ?? []), entry]);
    }));
    fields.forEach((field) => {
      const kept = (before.get(field.name) ?? []).filter((entry) => norm(field, entry.after) !== norm(field, field.known));
      if (kept.length && !dirty(field)) {
        const last = kept.at(-1);
        put(field, last.after);
        if (norm(field, last.before) !== norm(field, field.known)) clash(field, field.known);
        else changed(field, 0);
      } else if (dirty(field) && words.keep && !field.input.matches("[aria-invalid]")) clash(field, field.known);
    });
    form.querySelectorAll("[data-static]").forEach((line) => line.remove());
    stow();
  }
  window.addEventListener("online", drain);
  document.addEventListener("visibilitychange", drain);

  let leaving = false;
  form.addEventListener("submit", (event) => {
    leaving = true;
    if (!words.keep || !(pending().length || busy || fields.some((field) => field.theirs !== null))) return;
    event.preventDefault();
    leaving = false;
    const button = event.submitter;
    const wait = async () => {
      while (busy) await new Promise((done) => { setTimeout(done, 50); });
      await drain();
    };
    wait().then(() => {
      const open = fields.find(dirty);
      if (!open) { form.requestSubmit(button); return; }
      if (open.theirs !== null || open.refused !== null) trouble(words.first);
      open.input.focus();
    });
  });
  window.addEventListener("beforeunload", (event) => { if (!leaving && fields.some(dirty)) event.preventDefault(); });
});
