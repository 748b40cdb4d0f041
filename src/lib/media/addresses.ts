/** The id of a staged file behind an address that main gave us; null for a file on the server. */
export function stageIdOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const file = new URL(address).searchParams.get('url') ?? '';
  return file.startsWith('stage:') ? file.slice('stage:'.length) : null;
}
