// The page's data and its language: texts are stored once, and written with textContent alone.
const data = JSON.parse(document.getElementById("data").textContent);
const labels = JSON.parse(document.getElementById("labels").textContent);
let language = "en";

const text = (value) => (typeof value === "number" ? data.texts[value] : value);
const say = (english) => (language === "ja" && labels[english]) || english;

function make(tag, properties, ...children) {
  const { data: dataset, ...rest } = properties || {};
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset || {});
  element.append(...children.filter((child) => child !== null && child !== undefined));
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
}
