import { useState } from "preact/hooks";
import type { PageRow } from "../api";
import { useCopy } from "../clipboard";
import { Screen, useConsole, useProfile } from "../frame";
import { useWords } from "../messages";
import { useGo } from "../router";
import { Button, ButtonLink, ConfirmDialog, Dialog, Empty, Read, useDoing, useReading } from "../ui";
import { usePageWords } from "./messages";
import { freeSlug } from "./settings";

export function ListScreen() {
  const { api } = useConsole();
  const m = useWords();
  const p = usePageWords();
  const pages = useReading((signal) => api.pages(signal));
  return (
    <Screen
      heading={m.places.pages}
      lead={p.list.lead}
      actions={
        <ButtonLink primary href="/console/pages/new">
          {p.list.create}
        </ButtonLink>
      }
    >
      <Read from={pages} lines={5}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={p.list.none}>
              <p class="quiet">{p.list.noneLead}</p>
            </Empty>
          ) : (
            <ul class="page-rows">
              {all.map((page) => (
                <Row key={page.slug} page={page} taken={all.map((other) => other.slug)} reload={pages.reload} />
              ))}
            </ul>
          )
        }
      </Read>
    </Screen>
  );
}

interface RowProps {
  page: PageRow;
  taken: string[];
  reload: () => void;
}

function Row({ page, taken, reload }: RowProps) {
  const { api, config } = useConsole();
  const { handle } = useProfile();
  const p = usePageWords();
  const copy = useCopy();
  const doing = useDoing();
  const go = useGo();
  const [asking, setAsking] = useState<"remove" | "embed">();
  const address = `${config.origin}/b/${handle}/${page.slug}`;

  const duplicate = () =>
    doing(async () => {
      const { body } = await api.page(page.slug);
      const slug = freeSlug(page.slug, taken);
      await api.createPage({ ...body, slug, title: p.list.copyName(body.title).slice(0, 100), published: false });
      go(`/console/pages/${slug}`);
    }, p.list.duplicated);

  const publish = (published: boolean) =>
    doing(
      async () => {
        const { body, etag } = await api.page(page.slug);
        await api.savePage(page.slug, { ...body, published }, etag ?? "");
        reload();
      },
      published ? p.list.publishedNow : p.list.unpublishedNow,
    );

  return (
    <li class={page.published ? "page-row" : "page-row off"}>
      <div class="page-row-head">
        <h2>
          <a href={`/console/pages/${page.slug}`}>{page.title}</a>
        </h2>
        <p class="page-row-state">
          <span class="chip" data-tone={page.published ? (page.accepting ? "good" : "wrong") : undefined}>
            {page.published ? (page.accepting ? p.list.accepting : p.list.notAccepting) : p.list.draft}
          </span>
        </p>
      </div>
      <p class="quiet">
        {p.list.minutes(page.durationMinutes)} · {p.editor.format} – {p.editor.platform}
        {page.upcomingBookings > 0 && (
          <>
            {" · "}
            <a href={`/console/bookings?page=${page.slug}`}>{p.list.upcoming(page.upcomingBookings)}</a>
          </>
        )}
      </p>
      <p class="wire page-row-address">{address}</p>
      {page.problems.length > 0 && (
        <div class="warning">
          {page.problems.map((code) => (
            <p key={code}>{p.list.problems[code] ?? code}</p>
          ))}
          {page.problems.some((code) => code !== "calendar_missing") && (
            <p>
              <a href="/console/integrations">{p.list.mend}</a>
            </p>
          )}
        </div>
      )}
      <div class="actions">
        <ButtonLink small href={`/console/pages/${page.slug}`} label={`${p.list.edit}: ${page.title}`}>
          {p.list.edit}
        </ButtonLink>
        {page.published && (
          <Button small label={`${p.list.copy}: ${page.title}`} press={() => copy(address, p.list.copied)}>
            {p.list.copy}
          </Button>
        )}
        <Button small label={`${p.list.duplicate}: ${page.title}`} press={duplicate}>
          {p.list.duplicate}
        </Button>
        <Button small label={`${page.published ? p.list.unpublish : p.list.publish}: ${page.title}`} press={() => publish(!page.published)}>
          {page.published ? p.list.unpublish : p.list.publish}
        </Button>
        {page.published && (
          <Button small haspopup="dialog" label={`${p.list.embed}: ${page.title}`} press={() => setAsking("embed")}>
            {p.list.embed}
          </Button>
        )}
        <Button small danger haspopup="dialog" label={`${p.list.remove}: ${page.title}`} press={() => setAsking("remove")}>
          {p.list.remove}
        </Button>
      </div>
      {asking === "remove" && <RemoveDialog page={page} close={() => setAsking(undefined)} reload={reload} />}
      {asking === "embed" && <EmbedDialog address={address} title={page.title} close={() => setAsking(undefined)} />}
    </li>
  );
}

function RemoveDialog({ page, close, reload }: { page: PageRow; close: () => void; reload: () => void }) {
  const { api, toast } = useConsole();
  const p = usePageWords();
  const doing = useDoing();
  const remove = async () => {
    const { body } = await api.page(page.slug);
    await api.deletePage(page.slug);
    const restore = async () => {
      await doing(() => api.createPage(body), p.list.restored);
      reload();
    };
    toast(p.list.removed, "done", restore);
  };
  return (
    <ConfirmDialog
      title={p.list.removeHeading(page.title)}
      lead={p.list.removeLead}
      danger
      confirm={p.list.remove}
      close={close}
      confirmed={async () => {
        if (!(await doing(remove))) return;
        close();
        reload();
      }}
    >
      {null}
    </ConfirmDialog>
  );
}

function EmbedDialog({ address, title, close }: { address: string; title: string; close: () => void }) {
  const { config } = useConsole();
  const m = useWords();
  const p = usePageWords();
  const copy = useCopy();
  const snippet = `<script src="${config.origin}/embed.js" async></script>\n<a href="${address}" data-yakusoku="dialog">${escaped(title)}</a>`;
  return (
    <Dialog title={p.list.embedHeading} lead={p.list.embedLead} close={close} wide>
      <pre class="letter" tabIndex={0}>
        <code>{snippet}</code>
      </pre>
      <div class="actions">
        <Button primary press={() => copy(snippet)}>
          {m.copy}
        </Button>
      </div>
    </Dialog>
  );
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

