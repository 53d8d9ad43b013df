import { words } from "../../messages";
import { en } from "./en";
import { ja } from "./ja";

export type NoticeMessages = typeof en;

/** The texts of the team notices. */
export const useNoticeWords = words({ en, ja });
