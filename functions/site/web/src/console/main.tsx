import { render } from "preact";
import { App } from "./app";
import { readConfig } from "./config";
import { watchHistory } from "./router";
import "../style.css";
import "./console.css";

watchHistory();

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App config={readConfig()} startLanguage={document.documentElement.lang === "ja" ? "ja" : "en"} />, root);
}
