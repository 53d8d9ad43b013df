import { useEffect } from "preact/hooks";
import { useWords } from "../messages";

export interface Toast {
  text: string;
  tone: "done" | "wrong";
}

const goneAfterMs = 12_000;

/** What has just been done. The live region stands always, so that what comes into it is read out. */
export function ToastRegion({ toast, dismiss }: { toast: Toast | undefined; dismiss: () => void }) {
  const m = useWords();
  useEffect(() => {
    if (!toast || toast.tone === "wrong") return; // what went wrong stays until it is sent away
    const timer = setTimeout(dismiss, goneAfterMs);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div class="toasts" role="status">
      {toast && (
        <div class="toast" data-tone={toast.tone}>
          <p>{toast.text}</p>
          <button type="button" class="close" aria-label={m.close} onClick={dismiss}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
      )}
    </div>
  );
}
