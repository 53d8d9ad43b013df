// Zoom sends nobody back where an admin must approve first: this is what to do.

import { useCopy } from "./clipboard";
import { Screen } from "./frame";
import { useWords } from "./messages";
import { Button, ButtonLink } from "./ui";

const requests = "https://marketplace.zoom.us/user/requests";

export function ApprovalScreen() {
  const m = useWords();
  const copy = useCopy();
  const message = m.approval.messageText(requests);
  return (
    <Screen heading={m.approval.heading} lead={m.approval.lead} back={{ href: "/console/integrations", text: m.integrations.heading }}>
      <section class="asked">
        <h2>{m.approval.yours}</h2>
        <ol class="numbered">
          {m.approval.yourSteps.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ol>
      </section>
      <section class="asked">
        <h2>{m.approval.admins}</h2>
        <ol class="numbered">
          {m.approval.adminSteps.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ol>
        <p>
          <a href={requests} target="_blank" rel="noreferrer">
            {m.approval.requests}
            <span class="unseen">{m.opensOutside}</span>
          </a>
          <br />
          <span class="wire quiet">{requests}</span>
        </p>
        <p class="quiet">{m.approval.adminNote}</p>
      </section>
      <section class="asked">
        <h2>{m.approval.message}</h2>
        <p class="letter">{message}</p>
        <div class="actions">
          <Button press={() => copy(message, m.approval.copied)}>{m.approval.copyMessage}</Button>
        </div>
      </section>
      <section class="asked">
        <h2>{m.approval.approved}</h2>
        <div class="actions">
          <ButtonLink primary href="/console/integrations/zoom">
            {m.approval.connect}
          </ButtonLink>
        </div>
      </section>
    </Screen>
  );
}
