/** Uploads and covers (E40 to E42). */
import { describe, expect, test } from 'vitest';
import { png } from '../../../helpers/files/samples.ts';
import type { Answer } from '../../../helpers/plain-egg-im/plain-client.ts';
import { fail, ok, outcome, post, world } from './calls.ts';

export function describeFiles(): void {
  describe('files', () => {
    const picture = png(32, 32, [10, 20, 30]);
    const upload = (name: string, field = 'file', folder = 'chatImgs'): Promise<Answer> =>
      world.client.call('POST', `/api/chat/uploadStreamSingleToServerDiy/${folder}`, {
        token: world.anna.token,
        file: { field, name, content: picture },
      });

    test('E40 stores and tells the address; bad names, no file, no multipart', async () => {
      expect(outcome(await upload('a.PNG'))).toEqual(
        ok({
          url: expect.stringMatching(/^\/public\/uploads\/Diy\/chatImgs\/\d{8}\/[\w]+\.png$/) as unknown,
        }),
      );
      expect(outcome(await upload('a.exe'))).toEqual(fail('Invalid filename: a.exe'));
      expect(await post(world.anna, 'uploadStreamSingleToServerDiy/chatImgs')).toEqual(
        fail('Content-Type must be multipart/*'),
      );
    });

    test('E41 wants its own field', async () => {
      const answer = await world.client.call('POST', '/api/chat/uploadAliyun', {
        token: world.anna.token,
        file: { field: 'file', name: 'a.png', content: picture },
      });
      expect(outcome(answer)).toEqual(fail("上传失败: Expected field 'img', but got 'file'"));
    });

    test('E42 says what is missing', async () => {
      expect(await post(world.anna, 'getVideoScreenshot', { time: 20, width: 260 })).toEqual(
        fail('视频地址不能为空'),
      );
      const video = { videoUrl: `${world.client.origin}/public/none.mp4` };
      expect(await post(world.anna, 'getVideoScreenshot', { ...video, time: -1, width: 260 })).toEqual(
        fail('时间点参数无效'),
      );
      expect(await post(world.anna, 'getVideoScreenshot', { ...video, time: 1, width: 4000 })).toEqual(
        fail('图片宽度应在1-3840之间'),
      );
    });
  });
}
