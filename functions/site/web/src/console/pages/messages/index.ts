import { words } from "../../messages";
import { en } from "./en";
import { ja } from "./ja";

export type PagesMessages = typeof en;

/** The texts of the booking pages' screens. */
export const usePageWords = words({ en, ja });
