/** How a file is offered to a browser: shown where it is, or saved under the name that its sender gave it. */
export function dispositionOf({ mime, name }: { mime: string; name: string }): string {
  const isShown = mime !== 'application/octet-stream';
  return `${isShown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodedName(name)}`;
}

function encodedName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}
