/**
 * What a server says of files that it does not take, in the language of the person: it says so in Chinese, and in English
 * where the original does, whoever asks. Its other sentences, and those that are missing here, are shown as they came.
 */
const IN_ENGLISH = new Map(
  Object.entries({
    '存储空间不足，无法上传': 'Your room on the server is full. Ask its administrator for more.',
    '图片尺寸过大，无法上传': 'The picture has too many pixels. Send it smaller, or as a file in an archive.',
    '上传的文件已不存在，请重新上传': 'The server no longer has this file. Please send it again.',
    上传不存在或者已过期: 'This upload has expired. Please send the file again.',
    上传编号已被使用: 'This upload was begun by somebody else. Please send the file again.',
    '文件内容校验失败，请重新上传': 'The file was damaged on its way. Please send it again.',
    '文件含有病毒，无法上传': 'The server found a virus in this file and refused it.',
    '文件过大，无法检查病毒': 'The file is too large for the virus check of the server.',
    '暂时无法检查文件，请稍后再试': 'The server cannot check files for viruses now. Please try again later.',
    '文件存储暂时不可用，请稍后再试': 'The server cannot store files now. Please try again later.',
    服务器空间不足: 'The disk of the server is full. Please tell its administrator.',
  }),
);

/** Sentences that say in their middle or at their end what they are about. */
const PATTERNS: readonly { pattern: RegExp; en: string; zh: string | null }[] = [
  { pattern: /^上传失败: /u, en: 'The upload failed: ', zh: null },
  {
    pattern: /^Invalid filename: /u,
    en: 'The server does not take files of this kind, or the content is not what the name says: ',
    zh: '服务器不接收这种文件，或者内容与文件名不符：',
  },
];

/** @param language of the person, as a BCP 47 tag */
export function readableSentence(sentence: string, language: string): string {
  const isChinese = language.startsWith('zh');
  const known = isChinese ? undefined : IN_ENGLISH.get(sentence);
  if (known !== undefined) return known;
  for (const { pattern, en, zh } of PATTERNS) {
    const meaning = isChinese ? zh : en;
    const rest = sentence.replace(pattern, '');
    if (rest !== sentence && meaning !== null) return meaning + readableSentence(rest, language);
  }
  return sentence;
}
