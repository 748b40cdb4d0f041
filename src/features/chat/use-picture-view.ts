/** Zoom, turn and place of the picture that the viewer shows. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import {
  fittingScale,
  keptInRoom,
  offsetAround,
  type Size,
  type View,
} from '../../lib/media/picture-view.ts';

const LEAST = 1;
const MOST = 12;
/** One press of a key or button. */
const STEP = 1.4;
const AS_IT_CAME: View = { zoom: LEAST, turn: 0, offset: { x: 0, y: 0 } };

/** @param stage the element around the picture */
export function usePictureView(stage: Readonly<Ref<HTMLElement | null>>) {
  const view = shallowRef(AS_IT_CAME);
  /** Its own size; nothing until it is loaded. */
  const picture = shallowRef<Size>({ width: 0, height: 0 });
  const room = shallowRef<Size>({ width: 0, height: 0 });
  /** A hand has it. */
  const held = ref(false);

  const observer = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    const { width, height } = entry.contentRect;
    room.value = { width, height };
    show({});
  });
  watch(
    stage,
    (element) => {
      observer.disconnect();
      if (element !== null) observer.observe(element);
    },
    { flush: 'post' },
  );
  onScopeDispose(() => observer.disconnect());

  function show(change: Partial<View>): void {
    const next = { ...view.value, ...change };
    view.value = { ...next, offset: keptInRoom(next, picture.value, room.value) };
  }
  function reset(): void {
    view.value = AS_IT_CAME;
    picture.value = { width: 0, height: 0 };
    held.value = false;
  }
  function loaded(event: Event): void {
    const { naturalWidth: width, naturalHeight: height } = event.target as HTMLImageElement;
    picture.value = { width, height };
    show({});
  }

  const isLoaded = computed(() => picture.value.width > 0);

  /** What is under the pointer stays under it; without one, what is in the middle. */
  function zoomTo(wanted: number, pointer?: { clientX: number; clientY: number }): void {
    const zoom = Math.min(MOST, Math.max(LEAST, wanted));
    const box = stage.value?.getBoundingClientRect();
    const at =
      box === undefined || pointer === undefined
        ? { x: 0, y: 0 }
        : {
            x: pointer.clientX - box.left - box.width / 2,
            y: pointer.clientY - box.top - box.height / 2,
          };
    show({ zoom, offset: offsetAround(at, view.value, zoom) });
  }
  const zoomIn = (): void => zoomTo(view.value.zoom * STEP);
  const zoomOut = (): void => zoomTo(view.value.zoom / STEP);
  const whole = (): void => zoomTo(LEAST);
  const rotate = (): void => show({ turn: view.value.turn + 90 });
  function onWheel(event: WheelEvent): void {
    zoomTo(view.value.zoom * Math.exp(-event.deltaY / 400), event);
  }
  function onDouble(event: MouseEvent): void {
    zoomTo(view.value.zoom > LEAST ? LEAST : 2.5, event);
  }

  let grip = { x: 0, y: 0 };
  function take(event: PointerEvent): void {
    if (event.button !== 0 || view.value.zoom === LEAST) return;
    const { offset } = view.value;
    grip = { x: event.clientX - offset.x, y: event.clientY - offset.y };
    held.value = true;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }
  function pull(event: PointerEvent): void {
    if (held.value) show({ offset: { x: event.clientX - grip.x, y: event.clientY - grip.y } });
  }
  function letGo(): void {
    held.value = false;
  }

  /** The page lays it out as if it lay as it came: what a turn changes of its size is added here. */
  const transform = computed(() => {
    const { zoom, turn, offset } = view.value;
    const upright = fittingScale(picture.value, room.value, 0);
    const scale = (zoom * fittingScale(picture.value, room.value, turn)) / upright;
    return `translate(${offset.x}px, ${offset.y}px) scale(${scale}) rotate(${turn}deg)`;
  });

  return {
    isLoaded,
    zoom: computed(() => view.value.zoom),
    enlarged: computed(() => view.value.zoom > LEAST),
    ...{
      transform,
      held,
      reset,
      loaded,
      zoomIn,
      zoomOut,
      whole,
      rotate,
      onWheel,
      onDouble,
      take,
      pull,
      letGo,
    },
  };
}
