// Booking pages: the list, a new one, the editor.

import { useLocation } from "../router";
import { EditorScreen } from "./editor-screen";
import { ListScreen } from "./list-screen";
import { StartScreen } from "./start-screen";
import "./pages.css";

export default function Pages() {
  const { path } = useLocation();
  const slug = decodeURIComponent(path.split("/")[3] ?? "");
  switch (slug) {
    case "":
      return <ListScreen />;
    case "new":
      return <StartScreen />;
    default:
      return <EditorScreen key={slug} slug={slug} />;
  }
}
