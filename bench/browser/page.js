// Look at a report in a real browser, as people will: on a desk and on a phone, light and dark, printed, without
// scripts; and ask axe-core whether everybody can read it.
//
//     npm install --prefix DIR playwright-core axe-core
//     NODE_PATH=DIR/node_modules node bench/browser/page.js .assay/report.html OUT
//
// OUT gets the pictures and print.pdf, for a person to look at. What a program can tell is checked: no request leaves
// the page, no script of an endpoint runs (a page of `assay run --impostor hostile` is the one to try), nothing is
// wider than the window, the filter of laws works without scripts, and axe finds nothing serious. The exit code is 1
// where one of these is not so. The browser is CHROMIUM, or /usr/bin/chromium.
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { chromium } = require('playwright-core');

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const VIEWS = [['desktop', DESK, 1], ['phone', PHONE, 2]];
const GRAVE = new Set(['serious', 'critical']);
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let wrong = 0;
function complain(...words) { wrong += 1; console.log('WRONG', ...words); }

/** Open the page; whatever it says, asks for or throws is a complaint. */
async function opened(browser, url, options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on('dialog', dialog => { complain('dialog', dialog.message()); dialog.dismiss(); });
  page.on('console', message => complain('console', message.type(), message.text()));
  page.on('pageerror', error => complain('error', error.message));
  page.on('request', request => { if (request.url() !== url) complain('request', request.url()); });
  await page.goto(url);
  return page;
}

async function shown(page, id) {
  const part = page.locator(`#${id}`);
  if (!await part.count()) return false;
  for (let look = 0; look < 2; look += 1) { // what is above it gets its real height only when it is met
    await part.evaluate(element => element.scrollIntoView({ behavior: 'instant' }));
    await page.waitForTimeout(150);
  }
  return true;
}

async function pictures(browser, url, out) {
  for (const [name, viewport, deviceScaleFactor] of VIEWS) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await opened(browser, url, { viewport, colorScheme, deviceScaleFactor });
      const picture = part => page.screenshot({ path: path.join(out, `${name}-${colorScheme}${part}.png`) });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > viewport.width) complain(name, 'is wider than the window:', width);
      await picture('');
      for (const id of ['findings', 'known', 'laws', 'coverage', 'calls', 'differences', 'observations']) {
        if (await shown(page, id)) await picture(`-${id}`);
      }
      const timeline = page.locator('.picture').first();
      if (await timeline.count()) {
        await timeline.evaluate(element => { element.closest('details').open = true; });
        for (let look = 0; look < 3; look += 1) {
          await timeline.evaluate(element => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
          await page.waitForTimeout(150);
        }
        await picture('-timeline');
      }
      await page.context().close();
    }
  }
}

async function axe(browser, url) {
  for (const [name, viewport] of VIEWS) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await opened(browser, url, { viewport, colorScheme, bypassCSP: true });
      await page.evaluate(() => document.querySelectorAll('details').forEach(each => { each.open = true; }));
      await page.evaluate(AXE);
      const { passes, violations } = await page.evaluate(() => globalThis.axe.run(document));
      console.log(`axe ${name} ${colorScheme}: ${passes.length} rules pass, ${violations.length} do not`);
      for (const each of violations) {
        const [first] = each.nodes;
        const words = [each.impact, each.id, `${each.nodes.length} times`, first.html.slice(0, 140), (first.any[0] || {}).message || ''];
        if (GRAVE.has(each.impact)) complain('axe', ...words); else console.log('  ', ...words);
      }
      await page.context().close();
    }
  }
}

/** The filter of laws and the theme are radio buttons and a style sheet; a script is not needed. */
async function withoutScripts(browser, url, out) {
  const page = await opened(browser, url, { viewport: DESK, javaScriptEnabled: false });
  const before = await page.locator('.law:visible').count();
  if (!before || !await page.locator('#show-broken').count()) { await page.context().close(); return; } // no filter
  for (const kind of ['broken', 'kept', 'open']) {
    await page.locator(`label:has(#show-${kind})`).click();
    const visible = await page.locator('.law:visible').count();
    const others = await page.locator(`.law:not(.${kind}):visible`).count();
    const all = await page.locator(`.law.${kind}`).count();
    console.log(`without scripts: ${visible} of ${before} laws are ${kind}`);
    if (others || visible !== all) complain('the filter', kind, 'shows', others, 'others and', visible, 'of', all);
  }
  const background = () => page.locator('body').evaluate(element => getComputedStyle(element).backgroundColor);
  const paper = [];
  for (const theme of ['light', 'dark']) {
    await page.locator(`label:has(#theme-${theme})`).click();
    paper.push(await background().catch(() => theme)); // a page without scripts may not be asked
  }
  if (paper[0] === paper[1]) complain('the theme does not change:', paper[0]);
  await page.screenshot({ path: path.join(out, 'no-script-dark.png') });
  await page.context().close();
}

(async () => {
  const [file, out] = process.argv.slice(2);
  if (!file || !out) { console.error('usage: page.js REPORT.html OUT'); process.exit(2); }
  fs.mkdirSync(out, { recursive: true });
  const url = pathToFileURL(path.resolve(file)).href;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ARGS });
  const began = Date.now();
  const page = await opened(browser, url, { viewport: DESK });
  console.log(`opened in ${Date.now() - began} ms`);
  await page.pdf({ path: path.join(out, 'print.pdf'), format: 'A4' });
  await page.context().close();
  await pictures(browser, url, out);
  await withoutScripts(browser, url, out);
  await axe(browser, url);
  await browser.close();
  console.log(wrong ? `${wrong} wrong` : 'all is well');
  process.exit(wrong ? 1 : 0);
})().catch(error => { console.error(error.message); process.exit(2); });
