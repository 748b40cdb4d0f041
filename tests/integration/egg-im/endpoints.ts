/** Section 4 of the protocol: every endpoint, with an address that can be called, and who may call it (3.4). */

/** `public`; `signed`: public with the signature of guests; `visitor`: any token; `user`: a token of a registered account. */
export type Access = 'public' | 'signed' | 'visitor' | 'user';

export interface Endpoint {
  id: string;
  method: 'GET' | 'POST';
  /** `:uuid` stands for the caller's own. */
  path: string;
  access: Access;
}

const row = (id: string, method: 'GET' | 'POST', path: string, access: Access): Endpoint => ({
  id,
  method,
  path: `/api/${path}`,
  access,
});

export const ENDPOINTS: readonly Endpoint[] = [
  row('E1', 'POST', 'regChat', 'public'),
  row('E2', 'POST', 'loginChat', 'public'),
  row('E4', 'POST', 'visitorRegister', 'signed'),
  row('E5', 'POST', 'visitorregChat', 'signed'),
  row('E6', 'POST', 'visitorloginChat', 'signed'),
  row('E7', 'GET', 'userinfo/:uuid', 'public'),
  row('E8', 'POST', 'chat/searchUser', 'user'),
  row('E9', 'POST', 'chat/isApplyfriend/:uuid', 'user'),
  row('E10', 'POST', 'chat/userset', 'visitor'),
  row('E11', 'POST', 'chat/getUserSetInfo', 'visitor'),
  row('E12', 'POST', 'chat/updateUserinfo', 'visitor'),
  row('E13', 'POST', 'chat/setPassword', 'user'),
  row('E14', 'POST', 'chat/applyfriend', 'visitor'),
  row('E15', 'GET', 'chat/listapplyfriend/1', 'user'),
  row('E16', 'POST', 'chat/handleapply/1', 'user'),
  row('E17', 'POST', 'chat/autoAddFriendAndAgree', 'visitor'),
  row('E18', 'GET', 'chat/goodfriendlist/1', 'user'),
  row('E19', 'GET', 'chat/getgoodfriendinfo/1', 'user'),
  row('E20', 'POST', 'chat/setblackgoodfriend/0', 'user'),
  row('E21', 'POST', 'chat/setstargoodfriend/0', 'user'),
  row('E22', 'POST', 'chat/setmeOrfriendCanSee/1', 'user'),
  row('E23', 'POST', 'chat/ismygoodfriend/1', 'visitor'),
  row('E24', 'POST', 'chat/deletegoodfriend/0', 'visitor'),
  row('E25', 'POST', 'chat/socket/sendmessage', 'visitor'),
  row('E26', 'POST', 'chat/chatGetmessageOffLine', 'visitor'),
  row('E27', 'POST', 'chat/revokeMessage', 'visitor'),
  row('E28', 'POST', 'chat/group/create', 'user'),
  row('E29', 'GET', 'chat/grouplist/1', 'visitor'),
  row('E30', 'GET', 'chat/groupinfo/1', 'visitor'),
  row('E31', 'POST', 'chat/groupUpdateName', 'user'),
  row('E32', 'POST', 'chat/groupremark', 'user'),
  row('E33', 'POST', 'chat/groupnickname', 'visitor'),
  row('E34', 'POST', 'chat/groupDeleteOrQuit', 'visitor'),
  row('E35', 'POST', 'chat/groupDeleteUser', 'user'),
  row('E36', 'POST', 'chat/groupInviteUser', 'visitor'),
  row('E37', 'POST', 'chat/groupAddUserSet', 'user'),
  row('E38', 'POST', 'chat/groupAgreeOrNo', 'user'),
  row('E39', 'GET', 'chat/groupQrcode/0', 'visitor'),
  row('E40', 'POST', 'chat/uploadStreamSingleToServerDiy/chatImgs', 'visitor'),
  row('E41', 'POST', 'chat/uploadAliyun', 'visitor'),
  row('E42', 'POST', 'chat/getVideoScreenshot', 'visitor'),
  row('E43', 'POST', 'chat/askanswer/create', 'user'),
  row('E44', 'POST', 'chat/askanswer/update', 'user'),
  row('E45', 'POST', 'chat/askanswer/delete', 'user'),
  row('E46', 'POST', 'chat/askanswer/list', 'user'),
  row('E47', 'POST', 'chat/askanswer/detail', 'user'),
  row('E48', 'POST', 'chat/askanswer/search', 'user'),
  row('E49', 'POST', 'chat/complaint/create', 'user'),
  row('E50', 'GET', 'chat/complaint/list', 'user'),
  row('E51', 'GET', 'chat/complaint/detail/0', 'user'),
  row('E52', 'POST', 'chat/complaint/update/0', 'user'),
  row('E53', 'POST', 'chat/complaint/delete/0', 'user'),
  // Last: it ends the session.
  row('E3', 'POST', 'chat/logout', 'user'),
];
