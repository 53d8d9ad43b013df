// API keys: the list, and a new one.

import { useLocation } from "../router";
import { keysPath, ListScreen } from "./list-screen";
import { NewScreen } from "./new-screen";
import "./keys.css";

export default function Keys() {
  const { path } = useLocation();
  return path === `${keysPath}/new` ? <NewScreen /> : <ListScreen />;
}
