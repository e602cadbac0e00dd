// Reads a chosen prediction file on the reader's own machine and says what the platform would refuse. Nothing is sent.
// The rules and sentences come from the platform (data-precheck); what is read here mirrors scorers/diagnosis.py.
(() => {
  "use strict";
  const MOST = 20, SLICE = 1 << 18, DIGEST_BYTES = 5e7, LIMIT = 2 ** 53 - 1;
  const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i, WHOLE = /^[+-]?\d+(\.0*)?$/;
  const COMMA = /^[+-]?\d+,\d+$/, PERCENT = /^[+-]?\d+([.,]\d+)?\s?%$/, GROUPED = /^[+-]?\d{1,3}([ ,'\u00a0\u202f\u2019]\d{3})+([.,]\d+)?$/;
  const BOOLEAN = /^(true|false|vrai|faux|yes|no|oui|non)$/i;
  const plainly = (text) => text.replace(/[\u2010-\u2014\u2212]/g, "-").normalize("NFKC").replace(/\p{Cf}/gu, "").replace(/\p{Nd}/gu, "0");
  const KINDS = [["\x1f\x8b", "gzip"], ["PK\x03\x04", "zip"], ["\xd0\xcf\x11\xe0", "xls"], ["PAR1", "parquet"], ["%PDF", "pdf"]];
  const ABSENT = ["", "na", "n/a", "#n/a", "null", "none", "-"];

  const hex = (c) => { const n = c.codePointAt(0).toString(16); return n.length < 3 ? `\\x${n.padStart(2, 0)}` : `\\u${n.padStart(4, 0)}`; };
  const shown = (text, most = 40) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
    .replace(/[\p{C}\p{Z}]/gu, (c) => ({ " ": " ", "\n": "\\n", "\r": "\\r", "\t": "\\t" })[c] || hex(c));

  // CSV with quotes; each record with the physical line it starts on. Stops at the first quote that closes nothing.
  const records = (most, give, fail) => {
    let state = "start", field = "", record = [], line = 1, from = 1, last = "";
    const next = () => { record.push(field); field = ""; state = "start"; };
    const end = () => { next(); if (record.length > 1 || record[0]) give(from, record); record = []; };
    const run = { start: /[^",\r\n][^,\r\n]*/y, plain: /[^,\r\n]+/y, quoted: /[^"\r\n]+/y };
    const read = (text) => {
      for (let i = 0; i < text.length; i++) {
        const c = text[i], broken = c === "\n" || c === "\r", second = c === "\n" && last === "\r";
        last = c;
        if (broken && !second) line++;
        if (state === "quoted" ? c === '"' : state === "closing" && c === '"') {
          if (state === "closing") field += c;
          state = state === "quoted" ? "closing" : "quoted";
        } else if (broken && state !== "quoted") {
          if (!second) end();
          from = line;
        } else if (c === "," && state !== "quoted") next();
        else if (state === "closing") return fail("quotes", from);
        else if (c === '"' && state === "start") state = "quoted";
        else {
          if (state === "start") state = "plain";
          const rest = run[state];
          rest.lastIndex = i;
          const found = (rest.exec(text) || [c])[0];
          field += found;
          i += found.length - 1;
          last = text[i];
        }
        if (field.length > most) return fail("short_field", from);
      }
    };
    return { read, close: () => { if (state === "quoted") fail("quotes", from); else if (record.length || field || state !== "start") end(); } };
  };

  // A mask: pairs "start length", pixels counted from 1; what was expected instead, or "".
  const runs = (text, pixels) => {
    if (!/^[1-9]\d{0,14} [1-9]\d{0,14}( [1-9]\d{0,14} [1-9]\d{0,14})*$/.test(text)) return "runs";
    const numbers = text.split(" ").map(Number), pairs = [];
    for (let i = 0; i < numbers.length; i += 2) pairs.push([numbers[i], numbers[i + 1]]);
    let last = 0;
    for (const [start, length] of pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1])) { if (start <= last) return "runs_apart"; last = start + length - 1; }
    return pixels !== null && last > pixels ? "runs_inside" : "";
  };

  // What a table must hold: header, ids, values, sums.
  const table = ({ form, ids }, add) => {
    const names = [form.id, ...form.columns.map((c) => c.name)], all = shown(names.join(", "), 200);
    const known = new Set(ids), lines = new Map(), key = (t) => { t = t.trim().toLowerCase(); return /^\d+$/.test(t) ? t.replace(/^0+/, "") : t; };
    let order = null, any = false, alike = null;
    const meant = (text) => {
      if (!alike) { alike = new Map(); for (const id of ids) alike.set(key(id), alike.has(key(id)) ? "" : id); }
      const whole = /^(\d+\.0+|\d(\.\d+)?e\+?\d{1,2})$/i.test(text.trim()) ? String(Math.trunc(+text)) : text.trim(), id = alike.get(key(whole));
      if (!id || id === text) return ["known_id", {}];
      return [/^\d+$/.test(whole) && id.length > whole.length ? "id_zeros" : "id_written", { id: shown(id) }];
    };
    const header = (line, record) => {
      const given = record.map((n) => n.trim()), strange = [...new Set(given)].filter((n) => !names.includes(n));
      const mark = given.length === 1 && strange.length && [";", "\t", "|"].find((m) => given[0].includes(m));
      if (mark) return add("not_csv", "comma", { line, found: given[0], mark: mark === "\t" ? "TAB" : mark });
      const nearly = new Map(strange.map((n) => [n.toLowerCase(), n])), near = (n) => nearly.get(n.toLowerCase()), lacking = names.filter((n) => !given.includes(n));
      if (given.length === names.length && lacking.length === names.length && !names.some(near)) return add("header_missing", "header_line", { line, found: record.join(","), names: all });
      for (const n of new Set(given)) if (given.indexOf(n) !== given.lastIndexOf(n)) add("header_duplicate", "once", { line, column: names.includes(n) ? n : null, found: n });
      for (const n of lacking) add("header_missing", near(n) ? "column_exactly" : "column", { line, column: n, found: near(n), name: shown(n) });
      for (const n of strange) if (!lacking.some((l) => near(l) === n)) add("header_unknown", /^(|index|level_0|Unnamed: \d+)$/.test(n) ? "no_index" : "columns", { line, found: n, count: names.length, names: all });
      if (!lacking.length && given.length === names.length) order = given;
    };
    const number = (text, c, line) => {
      const whole = c.type === "integer", plain = whole ? "whole_number" : "number", value = +text, say = (code, wanted, more) => { add(code, wanted, { line, column: c.name, found: text, ...more }); return null; };
      if (/^[+-]?(nan|inf|infinity)$/i.test(text)) return say("value_not_finite", "finite");
      if (ABSENT.includes(text.toLowerCase())) return say("value_missing", plain);
      if (!(whole ? WHOLE : NUMBER).test(text)) return say("value_type", PERCENT.test(text) ? "no_percent" : COMMA.test(text) ? (whole ? plain : "decimal_point") : BOOLEAN.test(text) ? "no_boolean" : GROUPED.test(text) ? "no_grouping" : /[^\x00-\x7f]/.test(text) && NUMBER.test(plainly(text)) ? "plain_digits" : plain);
      if (!isFinite(value)) return say("value_not_finite", "finite");
      if (whole && Math.abs(value) > LIMIT) return say("value_range", "between", { low: -LIMIT, high: LIMIT });
      const low = c.min, high = c.max;
      if ((low !== null && value < low) || (high !== null && value > high)) return say("value_range", low === null ? "at_most" : high === null ? "at_least" : "between", { low, high });
      return value;
    };
    const value = (text, c, line) => {
      if (c.type === "number" || c.type === "integer") return number(text.trim(), c, line);
      const say = (code, wanted, more) => { add(code, wanted, { line, column: c.name, found: text, ...more }); return null; };
      if (text === "") return (c.type === "string" && c.empty) || say("value_missing", "a_value");
      if (c.type === "category") return c.values.includes(text) || say("value_range", "one_of", { values: shown(c.values.join(", "), 200) });
      if ([...text].length > c.max_length) return say("value_range", "short_text", { characters: c.max_length });
      if (/[\x00-\x1f\x7f-\x9f]/.test(text)) return say("value_type", "plain_text");
      const wanted = c.format === "rle" && runs(text, c.pixels);
      return !wanted || say("format", wanted, { pixels: c.pixels });
    };
    const width = (line, record) => {
      const numbers = form.columns.filter((c) => c.type === "number").map((c) => c.name);
      if (numbers.length && record.length === order.length + numbers.length) {
        let at = 0;
        for (const n of order) {
          const pair = record.slice(at, at + 2).join(",");
          if (numbers.includes(n)) { if (COMMA.test(pair)) return add("value_type", "decimal_point", { line, column: n, found: pair }); at++; }
          at++;
        }
      }
      add("row_width", numbers.length && record.length > order.length ? "fields_point" : "fields", { line, found: String(record.length), count: order.length });
    };
    const body = (line, record) => {
      any = true;
      const wide = record.length === order.length, id = record[order.indexOf(form.id)];
      if (!wide) width(line, record);
      if (!known.has(id)) { if (wide) { const [wanted, more] = meant(id); add("id_unknown", wanted, { line, column: form.id, found: id, ...more }); } return; }
      if (lines.has(id)) return add("id_duplicate", "id_once", { line, column: form.id, found: id, first: lines.get(id) });
      lines.set(id, line);
      if (!wide) return;
      let sum = 0, whole = true;
      for (const c of form.columns) {
        const v = value(record[order.indexOf(c.name)], c, line);
        if (v === null) whole = false; else if (typeof v === "number") sum += v;
      }
      if (form.row_sum !== null && whole && !(Math.abs(sum - form.row_sum) <= 1e-6)) add("row_sum", "sum", { line, found: String(sum), sum: form.row_sum });
    };
    return {
      give: (line, record) => (order ? body : header)(line, record),
      headed: () => order !== null,
      close: (clean) => {
        if (!any && clean) add("empty", "some_rows", { rows: ids.length });
        else if (order) for (const id of ids) if (!lines.has(id)) add("id_missing", "this_id", { column: form.id, id: shown(id) });
      },
    };
  };

  // The first problems of a file in the order of its lines; null when another file was chosen meanwhile.
  const check = async (file, data, stale) => {
    const { form } = data, found = [], names = shown([form.id, ...form.columns.map((c) => c.name)].join(", "), 200);
    let done = false, lines = 1, nul = 0, solid = false;
    const add = (code, wanted, p) => { if (found.length < MOST) found.push({ ...p, code, wanted, found: p.found == null ? null : shown(String(p.found)) }); };
    const only = (...problem) => { found.length = 0; add(...problem); return found; };
    if (file.size > form.max_bytes) return only("too_large", "max_bytes", { found: file.size, bytes: form.max_bytes });
    const rules = table(data, add), decoder = new TextDecoder("utf-8", { fatal: true });
    const longest = Math.max(1e4, ...form.columns.map((c) => 2 * c.max_length));
    const csv = records(longest, (line, record) => {
      if (done) return;
      rules.give(line, record);
      done = found.length >= MOST || (found.length > 0 && !rules.headed());
    }, (wanted, line) => { if (!done) add("not_csv", wanted, { line, characters: longest }); done = true; });
    for (let at = 0; at < file.size; at += SLICE) {
      const first = at === 0, bytes = new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer());
      if (stale()) return null;
      if (first) {
        const head = String.fromCharCode(...bytes.subarray(0, 4096)), kind = KINDS.find(([start]) => head.startsWith(start));
        if (kind) return only("not_csv", "csv_text", { found: kind[1] });
        if (/^(\xff\xfe|\xfe\xff)/.test(head) || (head.length > 3 && head.split("\0").length * 3 - 3 > head.length)) return only("encoding", "utf8", { line: 1, found: "UTF-16" });
      }
      let text;
      try { text = decoder.decode(bytes, { stream: at + SLICE < file.size }); } catch {
        const own = bytes.subarray(first ? 0 : bytes.findIndex((b) => (b & 192) !== 128)), near = new TextDecoder("utf-8", { ignoreBOM: true }).decode(own).split("\ufffd")[0];
        const byte = own[new TextEncoder().encode(near).length] || 0;
        return only("encoding", "utf8", { line: lines + near.split("\n").length - 1, found: `0x${byte.toString(16).padStart(2, 0)}` });
      }
      if (!nul && text.includes("\0")) nul = lines + text.split("\0")[0].split("\n").length - 1;
      const wide = first ? text.match(/^[^\r\n]*/)[0].split(",").length : 0;
      if (wide > form.columns.length + 51) { add("header_unknown", "columns", { line: 1, found: wide, count: form.columns.length + 1, names }); done = true; }
      solid ||= /\S/.test(text);
      lines += text.split("\n").length - 1;
      if (!done) csv.read(text);
    }
    if (nul) return only("not_csv", "csv_text", { line: nul, found: "NUL" });
    if (!solid) return only("empty", "some_rows", { rows: data.ids.length });
    if (!done) csv.close();
    if (rules.headed() || !found.length) rules.close(!found.length);
    return found;
  };

  const digest = async (file) => {
    if (!crypto.subtle || file.size > DIGEST_BYTES) return "";
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...sum.subarray(0, 8)].map((b) => b.toString(16).padStart(2, 0)).join("");
  };

  const contracts = new Map();
  const contract = (address) => {
    if (!contracts.has(address)) contracts.set(address, fetch(address).then((r) => (r.ok ? r.json() : Promise.reject(r.status))).then((d) => ({ ...d, ids: d.ids.split("\n") })));
    return contracts.get(address);
  };

  const show = (box, data, found) => {
    const body = box.querySelector("tbody"), row = box.querySelector("template").content;
    const said = (p) => (data.expected[p.wanted] || "").replace(/\{(\w+)\}/g, (_, name) => p[name] ?? "");
    body.replaceChildren(...found.map((p) => {
      const line = row.cloneNode(true), put = (name, text) => { const at = line.querySelector(`[data-${name}]`); if (text === null || text === undefined) at.remove(); else at.textContent = text; };
      put("line", p.line ?? "–");
      put("column", p.column);
      put("whole", p.column ? null : box.dataset[p.line ? "line" : "file"]);
      put("found", p.found);
      put("what", data.what[p.code]);
      put("expected", said(p) || "–");
      line.firstElementChild.dataset.code = p.code;
      return line;
    }));
    box.querySelector("table").hidden = !found.length;
  };

  let run = 0;
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-precheck]")) return;
    const box = document.getElementById(input.dataset.precheckBox), status = box.querySelector("[role=status]"), mine = ++run, stale = () => mine !== run, file = input.files[0];
    const say = (state, text, code) => {
      box.dataset.state = state;
      status.textContent = text;
      if (code) status.append(" ", Object.assign(document.createElement("code"), { textContent: code }));
    };
    box.querySelector("table").hidden = true;
    say("", "");
    if (!file) return;
    say("reading", box.dataset.reading);
    try {
      const data = await contract(input.dataset.precheck), found = await check(file, data, stale);
      if (!found || stale()) return;
      show(box, data, found);
      const sum = found.length ? "" : await digest(file);
      if (stale()) return;
      if (!found.length) say("fine", sum ? `${box.dataset.fine} ${box.dataset.digest}` : box.dataset.fine, sum);
      else say("unfit", found.length < MOST ? box.dataset[found.length > 1 ? "many" : "one"].replace("{count}", found.length) : box.dataset.first);
    } catch {
      // Without the contract, or with a file that vanished meanwhile, the platform alone decides.
      if (!stale()) say("", "");
    }
  });
})();
