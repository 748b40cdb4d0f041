/**
 * Deepest nesting we accept in JSON from outside. Parsing deeper text works, but writing it again recurses and would
 * overflow the stack; nothing in the protocol is nested more than a handful of levels.
 */
const DEEPEST = 200;

/** Counts brackets outside of strings; cheap, and runs before the text is parsed. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 92) index++;
      else if (character === 34) inString = false;
    } else if (character === 34) inString = true;
    else if (character === 91 || character === 123) {
      depth++;
      if (depth > DEEPEST) return true;
    } else if (character === 93 || character === 125) depth--;
  }
  return false;
}
