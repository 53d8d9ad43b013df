// What pages may ask of their guests besides name and address. The pages are
// those of infra/local/seed, their words their host's.

import { daily, expect, inEachLanguage, test } from "./test";

inEachLanguage(() => {
  test("a page asks all that it may, says what is missing, and tells whom the guest brings", async ({ guest, page, stack }) => {
    const { m } = guest;
    const consent = page.getByRole("checkbox", { name: "個人情報の取り扱いに同意します" });
    const size = page.getByRole("combobox", { name: "ご利用予定の人数" });
    await guest.open("questions");
    await guest.chooseTime();
    await guest.fillPerson();

    await guest.button(m.details.toConfirm).click();
    await expect(guest.alert).toHaveText(m.notice.fieldsWrong(4));
    await expect(guest.field(m.details.phone)).toBeFocused();
    await expect(guest.field(m.details.phone)).toHaveAccessibleDescription(new RegExp(m.errors.phoneMissing));
    for (const missing of [guest.field("お立場"), size]) await expect(missing).toHaveAccessibleDescription(m.errors.answerMissing);
    await expect(consent).toHaveAccessibleDescription(m.errors.mustTick);

    await guest.answerQuestions();
    const brought = `with-${guest.email}`;
    await guest.button(m.details.addCoAttendee).click();
    await expect(guest.field(m.details.coAttendee(1))).toBeFocused();
    await guest.field(m.details.coAttendee(1)).fill(brought);
    await guest.button(m.details.addCoAttendee).click();
    await guest.button(m.details.addCoAttendee).click();
    await expect(guest.button(m.details.addCoAttendee)).toBeHidden(); // three is the most
    await guest.button(m.details.removeCoAttendee(3)).click();
    await page.getByRole("checkbox", { name: "連携" }).check();
    await page.getByRole("checkbox", { name: "料金" }).check();
    await page.getByRole("checkbox", { name: "新機能のお知らせを受け取る" }).check();
    await page.reload(); // which loses none of it
    await expect(consent).toBeChecked();
    await expect(guest.field(m.details.coAttendee(1))).toHaveValue(brought);
    await guest.review();

    await expect(guest.stated(m.confirm.phone)).toHaveText("090-1234-5678");
    await expect(guest.stated(m.confirm.coAttendees)).toHaveText(brought);
    await expect(page.getByRole("definition").filter({ hasText: "料金, 連携" })).toBeVisible();
    await expect(page.getByRole("definition").filter({ hasText: m.confirm.ticked })).toBeVisible();
    await guest.book();
    await guest.seesConfirmed();
    const { meetings } = await stack.outside(guest.booking);
    await expect.poll(() => stack.mailsTo(brought)).toHaveLength(1);
    expect((await stack.mailsTo(brought))[0]!.body.text).toContain(meetings[0]!.joinUrl);
  });

  test("a page that wants the address verified books with the code from the mail, and not without", daily, async ({ guest, stack }) => {
    const { m } = guest;
    guest.expectComplaint(/status of 422/);
    await guest.open("verify");
    await guest.chooseTime();
    await guest.fillPerson();
    await guest.review();
    await expect(guest.page.getByText(m.confirm.codeSent(guest.email))).toBeVisible();
    const code = guest.field(m.confirm.code);
    await guest.book();
    await expect(code).toHaveAccessibleDescription(new RegExp(m.errors.codeMissing));

    await expect.poll(() => stack.mailsTo(guest.email)).toHaveLength(1);
    const sent = /\b\d{6}\b/.exec((await stack.mailsTo(guest.email))[0]!.body.text)![0];
    await code.fill(String((Number(sent) + 1) % 1_000_000).padStart(6, "0"));
    await guest.book();
    await expect(code).toHaveAttribute("aria-invalid", "true");
    await code.fill(sent);
    await guest.book();
    await guest.seesConfirmed();
  });
});
