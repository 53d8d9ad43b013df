import { render } from "preact";
import { App, type PageData } from "./app";
import "./style.css";

const root = document.getElementById("app");
const inlined = document.getElementById("page-data")?.textContent;
if (root) {
  root.replaceChildren();
  const language = document.documentElement.lang === "ja" ? "ja" : "en";
  render(<App data={inlined ? (JSON.parse(inlined) as PageData) : null} startLanguage={language} />, root);
}
