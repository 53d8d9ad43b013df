// The script that a site loads to open booking pages in its own:
//
//   <script src="https://ORIGIN/embed.js" async></script>
//   <a href="https://ORIGIN/b/demo/intro" data-yakusoku="inline">予約する</a>
//
// or "dialog". Until a visitor follows such a link nothing is fetched, and where
// the page cannot be shown in place the link is followed after all. All styles
// are set through the CSSOM, which a site's Content-Security-Policy lets pass.

import { type BookedSlot, frameAddress, isMode, type Message, messageIn, type Mode } from "./protocol";

declare global {
  interface HTMLElementEventMap {
    /** Comes from the link, and bubbles. */
    "yakusoku:booked": CustomEvent<BookedSlot>;
  }
}

const ours = origin(document.currentScript);

const words = document.documentElement.lang.startsWith("ja")
  ? { page: "予約ページ", close: "閉じる" }
  : { page: "Booking page", close: "Close" };

/** How long a frame that has loaded may stay silent, in milliseconds. */
const patience = 3000;

// One listener for all links, those still to come included.
document.addEventListener("click", (e) => {
  if (e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  const link = e.composedPath().find((node) => node instanceof HTMLAnchorElement && node.dataset.yakusoku !== undefined);
  if (!(link instanceof HTMLAnchorElement) || link.origin !== ours || location.origin === "null") return;
  const mode = link.dataset.yakusoku;
  if (!isMode(mode) || (mode === "dialog" && !window.HTMLDialogElement)) return;
  e.preventDefault();
  open(link, mode);
});

function origin(script: typeof document.currentScript): string | undefined {
  return script instanceof HTMLScriptElement ? new URL(script.src).origin : undefined;
}

function open(link: HTMLAnchorElement, mode: Mode): void {
  const title = link.textContent?.trim() || words.page;
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.allow = "clipboard-write"; // the page offers to copy the meeting's URL
  frame.src = frameAddress(link.href, mode, location.origin);
  Object.assign(frame.style, { display: "block", width: "100%", height: "40rem", border: "0", colorScheme: "light dark" });

  let answered = false;
  const listen = (e: MessageEvent<unknown>) => {
    if (e.origin !== ours || !e.source || e.source !== frame.contentWindow) return;
    const message = messageIn(e.data);
    if (!message) return;
    answered = true;
    act(message);
  };
  const act = (message: Message) => {
    switch (message.yakusoku) {
      case "size":
        frame.style.height = `${message.height}px`;
        break;
      case "booked":
        link.dispatchEvent(new CustomEvent("yakusoku:booked", { bubbles: true, composed: true, detail: message.booking }));
        break;
      case "top":
        if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
        break;
      case "close":
        close();
    }
  };
  addEventListener("message", listen);
  // A site that the page does not list, or a page that is gone: the visitor gets what the link leads to.
  frame.addEventListener("load", () =>
    setTimeout(() => {
      if (!answered && frame.isConnected) location.assign(link.href);
    }, patience),
  );

  const close = (mode === "inline" ? showInline : showDialog)(link, frame, title, () => {
    removeEventListener("message", listen);
    link.focus({ preventScroll: true });
  });
}

type Show = (link: HTMLAnchorElement, frame: HTMLIFrameElement, title: string, closed: () => void) => () => void;

/** Shows the frame in the link's place. The link stays, unseen: events come from it. */
const showInline: Show = (link, frame, _title, closed) => {
  const { display } = link.style;
  link.style.setProperty("display", "none", "important");
  link.after(frame);
  frame.focus({ preventScroll: true });
  return () => {
    frame.remove();
    link.style.display = display;
    closed();
  };
};

/** Shows the frame over the site, which does not scroll meanwhile. */
const showDialog: Show = (_link, frame, title, closed) => {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", title);
  // There is no media query without a stylesheet: this is 0 on narrow screens and large on others.
  const room = "max(0px, (100vw - 40rem) * 99)";
  Object.assign(dialog.style, {
    display: "flex",
    flexDirection: "column",
    boxSizing: "border-box",
    margin: "auto",
    padding: "0",
    border: "0",
    width: "60rem",
    maxWidth: `calc(100vw - min(${room}, 4rem))`,
    minHeight: `calc(100dvh - ${room})`,
    maxHeight: `calc(100dvh - min(${room}, 4rem))`,
    overflow: "hidden",
    borderRadius: `min(${room}, 0.5rem)`,
    boxShadow: "0 0 0 100vmax rgb(0 0 0 / 45%)", // the backdrop itself has no CSSOM
    colorScheme: "light dark",
    background: "Canvas",
    color: "CanvasText",
  });

  const bar = document.createElement("div");
  Object.assign(bar.style, { flex: "none", textAlign: "end" });
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.close;
  Object.assign(button.style, {
    minHeight: "44px",
    padding: "0 1rem",
    border: "0",
    background: "none",
    color: "inherit",
    font: "inherit",
    cursor: "pointer",
    outlineOffset: "-3px", // the dialog cuts off what is outside
  });
  button.addEventListener("click", () => dialog.close());
  Object.assign(frame.style, { flex: "1 1 auto", minHeight: "0" });
  bar.append(button);
  dialog.append(bar, frame);

  // The dialog's children cover it, so that a click on itself is one on its backdrop.
  dialog.addEventListener("click", (e) => e.target === dialog && dialog.close());
  const site = document.documentElement.style;
  const { overflow } = site;
  dialog.addEventListener("close", () => {
    dialog.remove();
    site.overflow = overflow;
    closed();
  });

  document.body.append(dialog);
  site.overflow = "hidden";
  dialog.showModal();
  return () => dialog.close();
};
