import { useEffect } from "preact/hooks";
import { useWords } from "../messages";

export interface Toast {
  text: string;
  tone: "done" | "wrong";
  undo: (() => void) | undefined;
}

const goneAfterMs = 12_000;

/** What has just been done. The live region stands always, so that what comes into it is read out. */
export function ToastRegion({ toast, dismiss }: { toast: Toast | undefined; dismiss: () => void }) {
  const m = useWords();
  useEffect(() => {
    if (!toast || toast.tone === "wrong" || toast.undo) return; // what may be answered stays until it is sent away
    const timer = setTimeout(dismiss, goneAfterMs);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div class="toasts" role="status">
      {toast && (
        <div class="toast" data-tone={toast.tone}>
          <p>{toast.text}</p>
          {toast.undo && (
            <button
              type="button"
              class="undo"
              onClick={() => {
                dismiss();
                toast.undo?.();
              }}
            >
              {m.undo}
            </button>
          )}
          <button type="button" class="close" aria-label={m.close} onClick={dismiss}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
      )}
    </div>
  );
}
