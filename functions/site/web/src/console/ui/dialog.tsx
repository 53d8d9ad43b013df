import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useWords } from "../messages";
import { Button } from "./button";

interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
  /** What is said first: read out with the title. */
  lead?: string;
  wide?: boolean;
}

/** A modal dialog, open as long as it is there. The browser keeps the focus in it and gives it back. */
export function Dialog({ title, close, children, lead, wide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const m = useWords();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // Effects end late: what follows the dialog may have the focus by now.
      const { activeElement } = document;
      if (activeElement && activeElement !== document.body && !element?.contains(activeElement)) return;
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={`${id}-title`}
      aria-describedby={lead ? `${id}-lead` : undefined}
      onCancel={(e) => {
        if (e.target !== e.currentTarget) return;
        e.preventDefault();
        close();
      }}
    >
      <div class="dialog-head">
        <h2 id={`${id}-title`}>{title}</h2>
        <button type="button" class="close" aria-label={m.close} onClick={close}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
      {lead && <p id={`${id}-lead`}>{lead}</p>}
      {children}
    </dialog>
  );
}

interface ConfirmProps extends DialogProps {
  confirm: string;
  cancel?: string;
  danger?: boolean;
  /** While its promise is open the button is busy. */
  confirmed: () => unknown;
}

/** Asks before something is done. */
export function ConfirmDialog({ confirm, cancel, danger = false, confirmed, children, ...dialog }: ConfirmProps) {
  const m = useWords();
  return (
    <Dialog {...dialog}>
      {children}
      <div class="actions">
        <Button primary={!danger} danger={danger} press={confirmed}>
          {confirm}
        </Button>
        <Button press={dialog.close}>{cancel ?? m.cancel}</Button>
      </div>
    </Dialog>
  );
}
