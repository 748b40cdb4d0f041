import { expect, type MagpieProcess } from './fixtures.ts';

/** Chooses a command as a click in the menu bar does; it must be there, enabled and visible. */
export async function choose(magpie: MagpieProcess, menu: string, label: string): Promise<void> {
  const problem = await magpie.app.evaluate(
    ({ Menu }, [name, item]) => {
      const top = Menu.getApplicationMenu()?.items.find((one) => one.label === name);
      const found = top?.submenu?.items.find((one) => one.label === item && one.visible);
      if (found === undefined) return `no ${item} in ${name}`;
      if (!found.enabled) return `${item} is disabled`;
      found.click();
      return '';
    },
    [menu, label] as const,
  );
  expect(problem).toBe('');
}

/** What the menu bar says of a command now; undefined where it has none of this name. */
export const itemOf = (magpie: MagpieProcess, label: string) =>
  magpie.app.evaluate(({ Menu }, name) => {
    const all = (Menu.getApplicationMenu()?.items ?? []).flatMap((top) => top.submenu?.items ?? []);
    const found = all.find((one) => one.label === name);
    return found === undefined ? undefined : { enabled: found.enabled, checked: found.checked };
  }, label);
