import type { PageSettings } from "../../src/console/api";
import { Editor } from "./editor";
import { daily, expect, inEachLanguage, test } from "./test";

const titles = { ja: "採用面談", en: "Job interview" };

inEachLanguage((language) => {
  test("a page is made, edited and published by the keyboard alone, and guests see it", daily, async ({ host, visitor, stack }) => {
    test.slow();
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.connectGoogle(host.email);
    await host.goTo("pages");
    const editor = new Editor(host);
    const { p } = editor;
    const title = titles[language];

    await test.step("starts", async () => {
      await editor.press(host.link(p.list.create));
      await expect(host.screen(p.start.heading)).toBeVisible();
      await editor.type(host.field(p.start.title), title);
      await editor.type(host.field(p.start.slug), "interview");
      await editor.press(host.button(p.start.create));
      await editor.opens(title);
    });

    await test.step("gives Monday its hours, and copies them", async () => {
      await editor.type(editor.clock("mon", 1, "from"), "1000");
      await editor.press(host.button(p.editor.removeHours(p.weekdays.mon, 2)));
      await expect(editor.clock("mon", 1, "from")).toHaveValue("10:00"); // tidied when it was left
      await editor.press(host.button(`${p.weekdays.mon}: ${p.editor.copyDay}`));
      await editor.press(host.dialog.getByRole("button", { name: p.editor.copy, exact: true }));
      await expect(editor.clock("fri", 1, "from")).toHaveValue("10:00");
      await expect(editor.clock("fri", 2, "from")).toHaveCount(0);
    });

    await test.step("asks two questions, and puts the second first", async () => {
      const questions = editor.section("questions");
      const label = (n: number) => questions.getByRole("textbox", { name: p.editor.questionLabel(n), exact: true });
      await editor.press(questions.getByRole("button", { name: p.editor.questionAdd, exact: true }));
      await editor.type(label(1), "First");
      await editor.press(questions.getByRole("button", { name: p.editor.questionAdd, exact: true }));
      await editor.type(label(2), "Second");
      await editor.page.keyboard.press("Shift+Tab");
      await editor.press(questions.getByRole("button", { name: p.editor.questionUp(2), exact: true }));
      await expect(label(1)).toHaveValue("Second");
      await expect(questions.getByRole("status")).toHaveText(p.editor.questionMoved(1, 2));
    });

    await test.step("saves by its key, and publishes", async () => {
      await editor.page.keyboard.press("ControlOrMeta+s");
      await expect(editor.state).toHaveText(p.editor.saved);
      await editor.press(host.button(p.editor.publish));
      await expect(host.toast).toContainText(p.list.publishedNow);
    });

    await test.step("a guest is offered those hours and asked those questions", async () => {
      const { timezone } = (await host.ask("pages/interview")).body as PageSettings;
      const slots = await stack.slots(timezone, "interview", host.handle);
      const clocks = new Set(slots.map((s: { start: string }) => s.start.slice(11, 16)));
      expect(clocks).toContain("10:00");
      expect(clocks).not.toContain("09:30");
      expect(clocks).not.toContain("13:00");
      await visitor.page.goto(`/b/${host.handle}/interview`);
      await visitor.chooseTime();
      await expect(visitor.page.getByLabel("Second")).toBeVisible();
    });
  });
});

test.describe("in Japanese", () => {
  test.use({ language: "ja" });


  test("hours are opened and closed by dragging over the week", async ({ demo }) => {
    const editor = await Editor.begin(demo);
    await editor.create("ドラッグ", `drag-${Date.now().toString(36)}`);
    const cell = (day: number, at: number) => editor.page.locator(`.week-cell[data-day="${day}"][data-at="${at}"]`);
    const drag = async (from: [number, number], to: [number, number]) => {
      await cell(...from).hover();
      await editor.page.mouse.down();
      await cell(...to).hover();
      await editor.page.mouse.up();
    };
    await drag([5, 600], [6, 690]); // Saturday and Sunday, 10:00 to 12:00
    for (const day of ["sat", "sun"] as const) {
      await expect(editor.clock(day, 1, "from")).toHaveValue("10:00");
      await expect(editor.clock(day, 1, "to")).toHaveValue("12:00");
    }
    await drag([0, 600], [0, 630]); // Monday from 10:00, an hour
    await expect(editor.clock("mon", 1, "to")).toHaveValue("10:00");
    await expect(editor.clock("mon", 2, "from")).toHaveValue("11:00");
    await expect(editor.state).toHaveText(editor.p.editor.unsaved);
    await editor.save();
  });

  test("of two tabs the later save is refused with what changed, and nothing is lost", daily, async ({ demo, stack }) => {
    const editor = await Editor.begin(demo);
    const slug = `tabs-${Date.now().toString(36)}`;
    await editor.create("二つのタブ", slug);
    await demo.field(editor.p.settings.title).fill("このタブの題");

    const elsewhere = (await demo.ask(`pages/${slug}`)).body as Record<string, unknown>;
    const saved = await demo.ask(`pages/${slug}`, "PUT", { ...elsewhere, title: "別のタブの題", description: "別のタブの説明" }, { "If-Match": '"1"' });
    expect(saved.status).toBe(200);

    demo.expectComplaint(/status of 412/);
    await demo.button(demo.m.save).click();
    await expect(demo.dialog).toContainText(editor.p.conflict.heading);
    await expect(demo.dialog).toContainText(`${editor.p.conflict.theirs}${editor.p.settings.title}、${editor.p.settings.description}`);
    await expect(demo.dialog).toContainText(`${editor.p.conflict.both}${editor.p.settings.title}`);
    await demo.dialog.getByRole("button", { name: editor.p.conflict.merge }).click();
    await expect(editor.state).toHaveText(editor.p.editor.saved);
    expect((await demo.ask(`pages/${slug}`)).body).toMatchObject({ title: "このタブの題", description: "別のタブの説明" });
    expect(stack.front).toBeTruthy();
  });

  test("what was not saved is there after a reload, until it is discarded", async ({ demo }) => {
    const editor = await Editor.begin(demo);
    const slug = `draft-${Date.now().toString(36)}`;
    await editor.create("下書き", slug);
    await demo.field(editor.p.settings.title).fill("まだ保存していない題");
    editor.page.once("dialog", (dialog) => void dialog.accept());
    await editor.page.reload();
    await editor.opens("まだ保存していない題");
    await expect(editor.page.getByText(editor.p.editor.recovered)).toBeVisible();
    await demo.button(editor.p.editor.discard).click();
    await demo.dialog.getByRole("button", { name: editor.p.editor.discard, exact: true }).click();
    await editor.opens("下書き");
    await expect(editor.state).toHaveText(editor.p.editor.saved);
  });

  test("a setting that is wrong is told at its field, and nothing is saved", async ({ demo }) => {
    const editor = await Editor.begin(demo);
    const slug = `wrong-${Date.now().toString(36)}`;
    await editor.create("誤り", slug);
    await editor.clock("mon", 1, "to").fill("08:00");
    demo.expectComplaint(/status of 422/);
    await demo.button(demo.m.save).click();
    await expect(editor.page.getByRole("alert")).toContainText(demo.m.failed.fields(1));
    await expect(editor.clock("mon", 1, "to")).toBeFocused();
    await expect(editor.page.getByText(editor.p.editor.faults.endsFirst)).toBeVisible();
  });

  test("the preview shows what guests would get, and why other times are closed", async ({ demo, stack }) => {
    const editor = await Editor.begin(demo);
    await editor.open("intro", "初回相談");
    await demo.button(editor.p.preview.heading).click();
    const times = editor.page.locator(".phone-times li");
    await expect(times.first()).toBeVisible();
    await expect(async () => {
      await demo.page.reload();
      await demo.button(editor.p.preview.heading).click();
      await expect(times.first()).toBeVisible();
      const slots = await stack.slots("Asia/Tokyo");
      const day = slots[0]?.start.slice(0, 10);
      const clocks = slots.filter((s: { start: string }) => s.start.startsWith(day ?? "?")).map((s: { start: string }) => s.start.slice(11, 16).replace(/^0/, ""));
      expect(await times.allTextContents()).toEqual(clocks);
    }).toPass(); // a time may run out between the two

    await editor.page.locator(".preview .day-picker .turn").last().click();
    await editor.page.locator(".preview .day-picker button.day").first().click();
    await expect(editor.page.locator(".preview [role=status]")).not.toBeEmpty();
  });

  test("pages are duplicated, published, taken back and deleted from the list, and deleting is undone", async ({ demo }) => {
    const editor = await Editor.begin(demo);
    const { p } = editor;
    const title = `一覧 ${Date.now().toString(36)}`;
    await editor.create(title, `list-${Date.now().toString(36)}`);
    await demo.goTo("pages");
    const row = editor.row(title);
    await row.getByRole("button", { name: `${p.list.publish}: ${title}`, exact: true }).click();
    await expect(row).toContainText(p.list.accepting);
    await row.getByRole("button", { name: `${p.list.unpublish}: ${title}`, exact: true }).click();
    await expect(row).toContainText(p.list.draft);
    await row.getByRole("button", { name: `${p.list.duplicate}: ${title}`, exact: true }).click();
    await editor.opens(p.list.copyName(title));
    await demo.goTo("pages");
    const copy = editor.row(p.list.copyName(title));
    await copy.getByRole("button", { name: `${p.list.remove}: ${p.list.copyName(title)}`, exact: true }).click();
    await demo.dialog.getByRole("button", { name: p.list.remove, exact: true }).click();
    await expect(copy).toHaveCount(0);
    await expect(row).toBeVisible();
    await demo.toast.getByRole("button", { name: demo.m.undo, exact: true }).click();
    await expect(copy).toBeVisible();
  });
});
