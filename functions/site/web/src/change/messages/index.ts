// The texts of the changes of a booking.

import { useFrame } from "../../frame";
import type { Language } from "../../messages";
import { en } from "./en";
import { ja } from "./ja";

export type ChangeMessages = typeof en;

export const changeCatalogues: Record<Language, ChangeMessages> = { ja, en };

export const useWords = (): ChangeMessages => changeCatalogues[useFrame().language];
