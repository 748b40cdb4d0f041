/**
 * The configuration of a D-Bus session bus of our own. It names no service folders: the machine's installed services
 * (notification daemons, portals, key rings) would otherwise be started on first use, and a test's stand-ins could
 * not take their names. The address is a path, which every D-Bus client can open, unlike an abstract socket.
 */
export function sessionBusConfiguration(socketPath: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socketPath}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
