// The ways in and out.

import { ErrorResponse } from "oidc-client-ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { Alert } from "../frame";
import { useShownAgain } from "./back";
import { Heading, PlainFrame, useConsole } from "./frame";
import { useWords } from "./messages";
import { consoleLinks, leaveAll, useLocation } from "./router";
import { safePath } from "./session";
import { Busy, Button, Dialog } from "./ui";

interface SignInProps {
  returnTo: string;
  problem?: "stopped" | "denied";
}

export function SignInScreen({ returnTo, problem }: SignInProps) {
  const m = useWords();
  return (
    <PlainFrame>
      <div class="threshold">
        <Heading title={m.signIn.go}>{m.signIn.heading}</Heading>
        <p class="lead">{m.signIn.lead}</p>
        {problem && <Alert>{m.signIn[problem]}</Alert>}
        <SignInButton returnTo={returnTo} text={m.signIn.go} />
      </div>
    </PlainFrame>
  );
}

function SignInButton({ returnTo, text }: { returnTo: string; text: string }) {
  const { session, language } = useConsole();
  const m = useWords();
  const [state, setState] = useState<"still" | "going" | "unreachable">("still");
  useShownAgain(() => setState("still"));
  return (
    <>
      {state === "unreachable" && <Alert>{m.signIn.unreachable}</Alert>}
      <div class="actions">
        <Button
          primary
          busy={state === "going"}
          press={() => {
            setState("going");
            leaveAll();
            session.signIn(language, returnTo).catch(() => setState("unreachable"));
          }}
        >
          {state === "going" ? m.signIn.going : text}
        </Button>
      </div>
    </>
  );
}

/** The way back from the issuer. */
export function Arriving({ arrived }: { arrived: (to: string) => void }) {
  const { session } = useConsole();
  const m = useWords();
  const [problem, setProblem] = useState<SignInProps["problem"]>();
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true; // a code is good for one exchange
    session.arrived().then(arrived, async (error: unknown) => {
      // A reload of this address: the exchange was made before.
      if (await session.signedIn()) arrived("/console");
      else setProblem(error instanceof ErrorResponse && error.error === "access_denied" ? "denied" : "stopped");
    });
  }, []);
  if (problem) return <SignInScreen returnTo="/console" problem={problem} />;
  return (
    <PlainFrame>
      <Heading>{m.signIn.arriving}</Heading>
      <Busy lines={1} />
    </PlainFrame>
  );
}

const deletedKey = "yakusoku.console.deleted";

/** Remembers over the sign-out that the account is gone. */
export function markDeleted(): void {
  sessionStorage.setItem(deletedKey, "1");
}

export function SignedOutScreen() {
  const m = useWords();
  const [deleted] = useState(() => sessionStorage.getItem(deletedKey) !== null);
  useEffect(() => sessionStorage.removeItem(deletedKey), []);
  return (
    <PlainFrame>
      <div class="threshold">
        <Heading>{deleted ? m.signIn.deletedHeading : m.signIn.outHeading}</Heading>
        <p class="lead">{deleted ? m.signIn.deleted : m.signIn.out}</p>
        <SignInButton returnTo="/console" text={m.signIn.again} />
      </div>
    </PlainFrame>
  );
}

/** Over the screen whose session has ended: what is on it stays in sight. */
export function ExpiredDialog({ close, unsaved }: { close: () => void; unsaved: boolean }) {
  const m = useWords();
  const { url } = useLocation();
  return (
    <Dialog title={m.signIn.expiredHeading} lead={m.signIn.expired} close={close}>
      {unsaved && <p>{m.signIn.expiredUnsaved}</p>}
      <SignInButton returnTo={consoleLinks.test(url) ? safePath(url) : "/console"} text={m.signIn.again} />
    </Dialog>
  );
}
