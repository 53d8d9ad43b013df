// The booking pages in the console: what a host does there, by roles and in the
// catalogues' words.

import { expect, type Locator } from "@playwright/test";
import { type PagesMessages } from "../../src/console/pages/messages";
import { en } from "../../src/console/pages/messages/en";
import { ja } from "../../src/console/pages/messages/ja";
import type { Host } from "./host";

export class Editor {
  readonly p: PagesMessages;

  constructor(readonly host: Host) {
    this.p = { en, ja }[host.language];
  }

  /** Signs in and is at the list. */
  static async begin(host: Host): Promise<Editor> {
    await host.comeBack("/console/pages");
    await expect(host.screen(host.m.places.pages)).toBeVisible();
    return new Editor(host);
  }

  get page() {
    return this.host.page;
  }

  /** One of the editor's sections. */
  section(name: keyof typeof en.editor.sections): Locator {
    return this.page.getByRole("region", { name: this.p.editor.sections[name], exact: true });
  }

  get state(): Locator {
    return this.page.locator(".save-bar [role=status]");
  }

  /** A page of the list. */
  row(title: string): Locator {
    return this.page.locator(".page-row").filter({ has: this.page.getByRole("link", { name: title, exact: true }) });
  }

  /** Makes a page and is in its editor. */
  async create(title: string, slug: string): Promise<void> {
    await this.page.goto("/console/pages/new");
    await this.host.field(this.p.start.title).fill(title);
    await this.host.field(this.p.start.slug).fill(slug);
    await this.host.button(this.p.start.create).click();
    await this.opens(title);
  }

  async open(slug: string, title: string): Promise<void> {
    await this.page.goto(`/console/pages/${slug}`);
    await this.opens(title);
  }

  async opens(title: string): Promise<void> {
    await expect(this.host.screen(title)).toBeVisible();
    await expect(this.page.locator(".busy")).toHaveCount(0);
  }

  /** Signs in and opens a page whatever its title. */
  async reach(slug: string): Promise<void> {
    await this.host.comeBack(`/console/pages/${slug}`);
    await expect(this.page.locator(".save-bar")).toBeVisible();
    await expect(this.section("calendars").getByRole("checkbox").first()).toBeVisible();
  }

  async save(): Promise<void> {
    await this.host.button(this.host.m.save).click();
    await expect(this.state).toHaveText(this.p.editor.saved);
  }

  async publish(): Promise<void> {
    await this.host.button(this.p.editor.publish).click();
    await expect(this.host.toast).toContainText(this.p.list.publishedNow);
  }

  /** The typed ends of a weekday's hours. */
  clock(day: keyof typeof en.weekdays, n: number, end: "from" | "to"): Locator {
    return this.page.getByRole("textbox", { name: this.p.editor[end](this.p.weekdays[day], n), exact: true });
  }

  /** Moves the focus there by Tab alone. */
  async tabTo(target: Locator): Promise<void> {
    for (let n = 0; n < 250; n++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${String(target)}`);
  }

  /** Types into a field by the keyboard alone, over what it has. */
  async type(target: Locator, text: string): Promise<void> {
    await this.tabTo(target);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
  }

  async press(target: Locator): Promise<void> {
    await this.tabTo(target);
    await this.page.keyboard.press("Enter");
  }
}
