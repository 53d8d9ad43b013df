import { render } from "preact";
import { App, type OwnData, type PageData } from "./app";
import { framed } from "./embed/framed";
import "./style.css";

const root = document.getElementById("app");
const inlined = document.getElementById("page-data")?.textContent;
if (root) {
  // The logo stands in the HTML once, as long as it is.
  const logo = document.querySelector<HTMLImageElement>("#logo")?.src;
  const given = inlined ? (JSON.parse(inlined) as PageData | OwnData) : {};
  const [data, own] = "page" in given ? [given, {}] : [null, given];
  if (framed()) document.documentElement.classList.add("framed");
  root.replaceChildren();
  const language = document.documentElement.lang === "ja" ? "ja" : "en";
  render(<App data={data} own={own} logo={logo} startLanguage={language} />, root);
}
