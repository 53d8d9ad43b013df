import { words } from "../../messages";
import { en } from "./en";
import { ja } from "./ja";

export type KeyMessages = typeof en;

/** The texts of the API keys. */
export const useKeyWords = words({ en, ja });
