import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

interface Props {
  children: ComponentChildren;
  /** What it does; while its promise is open the button is busy. */
  press?: (() => unknown) | undefined;
  submit?: boolean; // the form's own
  primary?: boolean;
  danger?: boolean; // takes away what cannot be had back
  small?: boolean;
  busy?: boolean;
  label?: string; // for screen readers, where the text alone does not say of what
  haspopup?: "dialog" | "menu";
  pressed?: boolean;
}

/** A busy button keeps its focus and does nothing. */
export function Button({ children, press, submit = false, primary = false, danger = false, small = false, busy = false, label, haspopup, pressed }: Props) {
  const [pressing, setPressing] = useState(false);
  const there = useRef(true);
  const working = busy || pressing;
  return (
    <button
      ref={(element) => {
        there.current = element !== null;
      }}
      type={submit ? "submit" : "button"}
      class={["button", primary && "primary", danger && "danger", small && "small"].filter(Boolean).join(" ")}
      aria-disabled={working ? "true" : undefined}
      aria-label={label}
      aria-haspopup={haspopup}
      aria-pressed={pressed}
      onClick={(e) => {
        if (working) {
          e.preventDefault();
          return;
        }
        const pending = press?.();
        if (!(pending instanceof Promise)) return;
        setPressing(true);
        void pending.finally(() => {
          if (there.current) setPressing(false);
        });
      }}
    >
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ href, children, primary = false, small = false, outside = false, label }: { href: string; children: ComponentChildren; primary?: boolean; small?: boolean; outside?: boolean; label?: string }) {
  return (
    <a
      href={href}
      class={["button", primary && "primary", small && "small"].filter(Boolean).join(" ")}
      aria-label={label}
      {...(outside && { target: "_blank", rel: "noreferrer" })}
    >
      {children}
    </a>
  );
}
