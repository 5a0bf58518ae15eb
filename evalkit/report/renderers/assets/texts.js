// The page's language, and texts: other people's words are written with textContent alone.
const labels = JSON.parse(document.getElementById("labels").textContent);
let data, unseen, shared, language = "en";

const say = (english) => (language === "ja" && labels[english]) || english;

// What is hidden in a text, or would act in it, is written as its number; files that are taken hold the text itself.
const seen = (value) =>
  typeof value === "string"
    ? (value.toWellFormed?.() ?? value).replaceAll("\r\n", "\n").replace(unseen, (mark) => "⟨U+" + mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "⟩")
    : value;

function make(tag, properties, ...children) {
  const { data: dataset, ...rest } = properties || {};
  for (const name of ["textContent", "title"]) if (name in rest) rest[name] = seen(rest[name]);
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset || {});
  element.append(...children.filter((child) => child !== null && child !== undefined).map(seen));
  return element;
}

function role(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function speak(wanted) {
  language = wanted;
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.dataset.t = element.dataset.t || element.textContent;
    element.textContent = say(element.dataset.t);
  }
  for (const element of document.querySelectorAll("[data-l]")) element.setAttribute("aria-label", say(element.dataset.l));
}

// The language of other people's words where it is plain: a voice reads them by it, and a font draws kanji by it.
function tongue(box, value) {
  const start = value.slice(0, 2000);
  if (/[\u3040-\u30ff]/.test(start)) box.lang = "ja";
  else if (/[A-Za-z]/.test(start) && /^[\x00-\x7f]*$/.test(start)) box.lang = "en";
  return box;
}

// A long text shows its beginning and goes on where it is asked to: one paragraph of megabytes would stop the page.
const atFirst = 4000, onward = 20000;

function longText(box, value) {
  tongue(box, value);
  let shown = Math.min(value.length, value.length > atFirst + 400 ? atFirst : value.length);
  box.append(seen(value.slice(0, shown)));
  if (shown < value.length) {
    const more = make("button", { type: "button", className: "more" });
    const tell = () => { more.textContent = say("Show more") + " (" + (value.length - shown).toLocaleString(language) + ")"; };
    more.addEventListener("click", () => {
      const next = Math.min(value.length, shown + onward);
      more.before(seen(value.slice(shown, next)));
      shown = next;
      if (shown < value.length) tell();
      else more.remove();
    });
    tell();
    box.append(more);
  }
  return box;
}
