// Elements and text. Nothing here, or anywhere in this script, reads text as markup.

const $ = (id) => document.getElementById(id);

/** An element with attributes and children; a child that is a string becomes text, null is left out. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const UNSEEN = /[^\P{C}\n\t]|[\u2028\u2029]/u;
const PIECES = /((?:[^\P{C}\n\t]|[\u2028\u2029])+)/u;

/** What a control or formatting character is called: it could hide or reorder text, so it is written out. */
function written(text) {
  return Array.from(text, (char) => {
    const code = char.codePointAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  }).join("");
}

/** The text with what cannot be seen written out, as a plain string. */
function plain(text) {
  const given = String(text);
  return UNSEEN.test(given) ? given.split(PIECES).map((part, at) => (at % 2 ? written(part) : part)).join("") : given;
}

/** The text as nodes: what cannot be seen is written out and told apart, what was planted is marked. */
function shown(text, planted = []) {
  let parts = [[String(text), false]];
  for (const needle of planted) {
    parts = parts.flatMap(([part, marked]) =>
      marked ? [[part, true]] : part.split(needle).flatMap((piece, at) => (at ? [[needle, true], [piece, false]] : [[piece, false]])));
  }
  return parts.filter(([part]) => part).flatMap(([part, marked]) => {
    const nodes = UNSEEN.test(part)
      ? part.split(PIECES).map((piece, at) => (at % 2 ? h("span", { class: "ctl" }, written(piece)) : piece))
      : [part];
    return marked ? [h("mark", { title: "planted by the scenario" }, nodes)] : nodes;
  });
}

const MOST = 20000;

/** A block of text. Of a very long one the beginning is shown, and the rest when it is asked for. */
function block(kind, text, planted = []) {
  const given = String(text);
  if (given.length <= MOST) return h("div", { class: kind }, shown(given, planted));
  const holder = h("div", { class: kind }, shown(given.slice(0, MOST), planted));
  const button = h("button", { type: "button", class: "more" }, `Show all ${given.length.toLocaleString("en")} characters`);
  button.addEventListener("click", () => { holder.replaceChildren(...shown(given, planted)); button.remove(); });
  return h("div", {}, holder, button);
}

/** The name of a member of an enumeration as words. */
function words(name) {
  const text = String(name).replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A JSON value as a person reads it: fields, lists, and texts with their line breaks. */
function valueOf(value, planted = [], depth = 0) {
  if (value === null) return h("span", { class: "soft" }, "nothing");
  if (typeof value === "string") return value === "" ? h("span", { class: "soft" }, "empty") : block("text", value, planted);
  if (typeof value !== "object") return h("span", {}, String(value));
  if (depth > 8) return block("text mono", JSON.stringify(value), planted);
  if (Array.isArray(value)) return listOf(value, planted, depth);
  const fields = Object.entries(value);
  if (!fields.length) return h("span", { class: "soft" }, "no fields");
  return h("dl", { class: "kv" }, fields.flatMap(([name, item]) => [
    h("dt", {}, shown(name)), h("dd", {}, valueOf(item, planted, depth + 1))]));
}

function listOf(items, planted, depth) {
  if (!items.length) return h("span", { class: "soft" }, "none");
  const flat = items.every((item) => typeof item !== "object" && String(item).length < 60);
  const list = h("ul", { class: flat ? "list flat" : "list" });
  const add = (some) => list.append(...some.map((item) =>
    h("li", {}, flat ? h("span", {}, shown(item, planted)) : valueOf(item, planted, depth + 1))));
  add(items.slice(0, 100));
  if (items.length <= 100) return list;
  const button = h("button", { type: "button", class: "more" }, `Show all ${items.length} items`);
  button.addEventListener("click", () => { add(items.slice(100)); button.remove(); });
  return h("div", {}, list, button);
}

/** Clip what is taller than a screen can take in, with a button that shows the rest. */
function clip(element) {
  if (element.textContent.length < 900) return element;
  const button = h("button", { type: "button", class: "more", "aria-expanded": "false" }, "Show all");
  element.classList.add("clip");
  button.addEventListener("click", () => {
    const clipped = element.classList.toggle("clip");
    button.textContent = clipped ? "Show all" : "Show less";
    button.setAttribute("aria-expanded", String(!clipped));
  });
  return h("div", {}, element, button);
}
