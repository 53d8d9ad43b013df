// What a host does to a booking, as its guest then sees it; and the cut-off that a
// host sets.

import { expect, inEachLanguage, test } from "./test";

inEachLanguage(() => {
  test("a guest sees that their host cancelled, why, and what they wrote", async ({ demo, visitor, stack }) => {
    const { m, c } = visitor;
    await visitor.toConfirmed();
    const start = await visitor.start();
    const { id } = visitor.booking;
    await demo.comeBack("/console");
    await expect(demo.rows.first()).toBeVisible();
    expect(await demo.ask(`bookings/${id}/cancel`, "POST", { reason: "conflict", message: "急用のため\nAnother day?" })).toMatchObject({ status: 202 });

    await visitor.page.reload();
    await visitor.seesCancelled();
    await expect(visitor.page.getByText(c.cancelled.byHost("約束 花子"))).toBeVisible();
    await expect(visitor.stated(c.cancelled.reason)).toHaveText(c.cancelled.reasons.conflict);
    await expect(visitor.stated(c.cancelled.message)).toContainText("Another day?");
    await expect(visitor.link(m.result.join)).toBeHidden();
    expect(await visitor.start()).toBe(start);
    await expect.poll(() => stack.outside(visitor.booking)).toMatchObject({ meetings: [], events: [] });
  });

  test("who comes back to a page that was left open sees what became of the booking", async ({ demo, visitor }) => {
    await visitor.toConfirmed();
    const { id } = visitor.booking;
    await demo.comeBack("/console");
    await expect(demo.rows.first()).toBeVisible();
    expect(await demo.ask(`bookings/${id}/cancel`, "POST", {})).toMatchObject({ status: 202 });
    await visitor.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await visitor.seesCancelled();
  });

  test("the cut-off is told before the click, and holds", async ({ demo, visitor }) => {
    const { m } = visitor;
    await demo.comeBack("/console");
    await expect(demo.rows.first().or(demo.page.locator(".empty").first())).toBeVisible();
    const slug = `notice-${visitor.language}`;
    const notice = { title: slug, changeNoticeMinutes: 43_200 }; // more than the days in sight
    await demo.publish(slug, notice);
    await visitor.open(slug);
    await expect(visitor.page.getByText(m.about.changesUntil(m.duration(43_200)))).toBeVisible();
    await visitor.times.last().click();
    await visitor.fillPerson();
    await visitor.review();
    await expect(visitor.page.getByText(m.confirm.changesUntil(m.duration(43_200)))).toBeVisible();
    await visitor.book();
    await visitor.seesConfirmed();
    const until = m.change.over("|").split("|")[0]!;
    await expect(visitor.page.getByText(until)).toBeVisible();
    await expect(visitor.link(m.change.cancel)).toBeHidden();
    await expect(visitor.link(m.change.reschedule)).toBeHidden();

    // Whoever has the address of a change is told no more, and changes nothing.
    const { id, token } = visitor.booking;
    for (const change of ["cancel", "reschedule"]) {
      await visitor.page.goto(`/b/demo/${slug}/${id}/${change}?lang=${visitor.language}#${token}`);
      await expect(visitor.alert).toContainText(until);
      await visitor.seesConfirmed();
    }
    const cancelled = await visitor.page.request.post(`/api/bookings/${id}/cancel`, { headers: { Authorization: `Bearer ${token}` }, data: {} });
    expect(cancelled.status()).toBe(409);
    expect(await cancelled.json()).toMatchObject({ code: "too_late_to_change" });
  });
});
