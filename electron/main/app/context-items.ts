import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron';
import type { MenuLabels } from './menu-labels.ts';

export interface ContextMenuActions {
  /** Puts another word in the place of the misspelled one. */
  replace(word: string): void;
  /** From now on this word is right. */
  learn(word: string): void;
  openLink(url: string): void;
  copyLink(url: string): void;
  /** The picture under the pointer. */
  copyImage(): void;
}

/** More than that nobody reads. */
const SUGGESTIONS = 5;

export type ContextFacts = Pick<
  ContextMenuParams,
  | 'isEditable'
  | 'editFlags'
  | 'selectionText'
  | 'linkURL'
  | 'mediaType'
  | 'hasImageContents'
  | 'misspelledWord'
  | 'dictionarySuggestions'
>;

/** The menu of text fields, links, pictures and selected text; empty where there is nothing to offer. */
export function contextItems(
  facts: ContextFacts,
  labels: MenuLabels,
  actions: ContextMenuActions,
): MenuItemConstructorOptions[] {
  const { editFlags, isEditable, linkURL, misspelledWord } = facts;
  const groups: MenuItemConstructorOptions[][] = [];
  if (isEditable && misspelledWord !== '') {
    const suggestions = facts.dictionarySuggestions.slice(0, SUGGESTIONS);
    groups.push(
      suggestions.length === 0
        ? [{ label: labels.noSuggestion, enabled: false }]
        : suggestions.map((word) => ({
            label: word.replace(/&/gu, '&&'),
            click: () => actions.replace(word),
          })),
      [{ label: labels.learnWord, click: () => actions.learn(misspelledWord) }],
    );
  }
  if (/^https?:\/\//iu.test(linkURL))
    groups.push([
      { label: labels.openLink, click: () => actions.openLink(linkURL) },
      { label: labels.copyLink, click: () => actions.copyLink(linkURL) },
    ]);
  if (facts.mediaType === 'image' && facts.hasImageContents)
    groups.push([{ label: labels.copyImage, click: () => actions.copyImage() }]);
  if (isEditable)
    groups.push(
      [
        { role: 'undo', label: labels.undo, enabled: editFlags.canUndo },
        { role: 'redo', label: labels.redo, enabled: editFlags.canRedo },
      ],
      [
        { role: 'cut', label: labels.cut, enabled: editFlags.canCut },
        { role: 'copy', label: labels.copy, enabled: editFlags.canCopy },
        { role: 'paste', label: labels.paste, enabled: editFlags.canPaste },
      ],
      [{ role: 'selectAll', label: labels.selectAll, enabled: editFlags.canSelectAll }],
    );
  else if (facts.selectionText.trim() !== '') groups.push([{ role: 'copy', label: labels.copy }]);
  return groups.flatMap((group, index) => (index === 0 ? group : [{ type: 'separator' as const }, ...group]));
}
