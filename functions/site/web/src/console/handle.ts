// A host's handle: what may stand in it, and one to begin with.

export type HandleFault = "handleMissing" | "handleShort" | "handleLong" | "handleForm" | "handleEnds";

export function handleFault(handle: string): HandleFault | undefined {
  if (handle === "") return "handleMissing";
  if (!/^[a-z0-9-]*$/.test(handle)) return "handleForm";
  if (handle.length < 3) return "handleShort";
  if (/^-|-$/.test(handle)) return "handleEnds";
  return handle.length > 40 ? "handleLong" : undefined;
}

/** What was meant: capitals, full-width letters and spaces are written otherwise in a handle. */
export const handleOf = (typed: string) =>
  typed
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_.]+/g, "-");

/** From a mail address, where its local part makes a handle: "Taro.Yamada+x@…" → "taro-yamada". */
export function suggestedHandle(email: string | undefined): string {
  const local = email?.split("@")[0]?.split("+")[0] ?? "";
  const handle = handleOf(local)
    .replace(/[^a-z0-9-]/g, "")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return handleFault(handle) ? "" : handle;
}
