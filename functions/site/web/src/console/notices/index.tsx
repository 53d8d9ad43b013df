// Team notices: the list, a new one, one with its log.

import { useLocation } from "../router";
import { ListScreen } from "./list-screen";
import { NewScreen } from "./new-screen";
import { NoticeScreen } from "./notice-screen";
import "./notices.css";

export default function Notices() {
  const { path } = useLocation();
  const id = decodeURIComponent(path.split("/")[4] ?? "");
  switch (id) {
    case "":
      return <ListScreen />;
    case "new":
      return <NewScreen />;
    default:
      return <NoticeScreen key={id} id={id} />;
  }
}
