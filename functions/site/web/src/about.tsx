import type { Page } from "./api";
import { HostText, Logo, useFrame } from "./frame";

/** What the page offers: who, what, how long, where. */
export function About({ page }: { page: Page }) {
  const { m } = useFrame();
  return (
    <header class="about">
      <Logo />
      <p class="about-host">
        <HostText locale={page.locale}>{page.hostName}</HostText>
      </p>
      <h1>
        <HostText locale={page.locale}>{page.title}</HostText>
      </h1>
      <dl class="facts">
        <div>
          <dt>{m.about.duration}</dt>
          <dd>{m.duration(page.durationMinutes)}</dd>
        </div>
        <div>
          <dt>{m.about.place}</dt>
          <dd>{m.about.zoom}</dd>
        </div>
        {page.changeNoticeMinutes > 0 && (
          <div>
            <dt>{m.about.changes}</dt>
            <dd>{m.about.changesUntil(m.duration(page.changeNoticeMinutes))}</dd>
          </div>
        )}
      </dl>
      {page.description && (
        <p class="about-description">
          <HostText locale={page.locale}>{page.description}</HostText>
        </p>
      )}
    </header>
  );
}
