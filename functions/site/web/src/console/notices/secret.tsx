// The secret that signs a notice: shown once, with how to verify by it.

import { useWords } from "../messages";
import { Dialog, Secret } from "../ui";
import { useNoticeWords } from "./messages";

export function SecretDialog({ secret, close }: { secret: string; close: () => void }) {
  const n = useNoticeWords();
  return (
    <Dialog title={n.secret.shownHeading} lead={n.secret.shownLead} close={close} wide>
      <Secret text={secret} copyIt={n.secret.copyIt} copied={n.secret.copied} done={n.secret.done} close={close} />
      <Verifying />
    </Dialog>
  );
}

/** How a receiver tells our notices from anybody else's. */
export function Verifying() {
  const m = useWords();
  const n = useNoticeWords();
  return (
    <details class="verifying">
      <summary>{n.secret.how}</summary>
      <p>{n.secret.howLead}</p>
      <ol class="numbered">
        {n.secret.howSteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>
        <a href="https://www.standardwebhooks.com/" target="_blank" rel="noreferrer">
          {n.secret.library}
          <span class="unseen">{m.opensOutside}</span>
        </a>
      </p>
    </details>
  );
}
