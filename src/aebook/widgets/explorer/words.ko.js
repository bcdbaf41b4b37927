/* Every word of the explorer that a reader sees, in Korean; argument names, code and PyTorch's words stay. */

// Particles follow the sound that a number ends in: 일, 이, 삼 …
const subject = (number) => number + (/[013678]$/.test(number) ? "이" : "가");
const object = (number) => number + (/[013678]$/.test(number) ? "을" : "를");
const toward = (number) => number + (/[036]$/.test(number) ? "으로" : "로");

export default {
  title: "ConvTranspose2d 탐색기",
  preset: "예시",
  ownSetting: "직접 고른 설정",
  reset: "처음으로",
  settings: "설정",
  split: "H와 W를 다르게",
  outputSize: (size) => `출력 ${size}`,
  refused: (version) => `PyTorch ${subject(version)} 받아들이지 않는 설정입니다.`,
  why: {
    outputPadding: (axis, output_padding, stride, dilation) =>
      `${axis}축에서 output_padding ${subject(output_padding)} ` +
      `stride ${stride}보다도 dilation ${dilation}보다도 작지 않습니다. ` +
      "Conv2d를 거치면 같아지는 여러 크기 가운데 하나를 고르는 값이므로 둘 중 하나보다는 작아야 합니다.",
    tooSmall: (axis, canvas, padding) =>
      `${axis}축에서 캔버스의 길이는 ${canvas}인데 padding이 양쪽에서 ${padding}씩 잘라 내므로 남는 것이 없습니다.`,
    groups: (name, channels, groups) =>
      `그룹마다 채널을 똑같이 나누어 가져야 하는데, ${name} ${channels}개는 그룹 ${groups}개로 나누어떨어지지 않습니다.`,
  },
  parameters: (count) => `파라미터 ${count}개`,
  copy: "복사",
  copied: "복사됨",
  agrees: (version) => `PyTorch ${version}도 같은 답을 냅니다.`,
  disagrees: (version) => `PyTorch ${version}의 답은 다릅니다. 알려 주세요.`,
  gone: (surely) =>
    `커널${surely ? "과" : "이 바쁘거나"} 연결이 끊겼습니다. 탐색기는 혼자서도 계속 계산합니다. ` +
    "커널을 다시 시작했다면 셀을 다시 실행하세요.",
  input: "입력",
  kernel: "커널",
  output: "출력",
  size: (name, height, width) => `${name} ${height} × ${width}`,
  window: (rows, columns) => `${rows}행, ${columns}열`,
  nothingTraced: "칸을 가리키거나 화살표 키로 옮겨 가면 그 값이 어디에서 왔는지 보여 줍니다.",
  cutOff: "padding이 잘라 내는 칸",
  biasOnly: "캔버스 바깥: 아무것도 닿지 않아 편향만 남는 칸",
  nothingLands: "아무것도 닿지 않는 칸",
  reaches: (count) => `출력 ${count}칸에 닿습니다`,
  view: "만들어지는 과정",
  canvas: "자르기 전",
  stamp: "도장 찍기",
  slide: "벌려 놓고 훑기",
  overlap: "겹치는 횟수",
  canvasNote: (padding, extra, beyond) =>
    [
      padding && "padding은 빗금 친 가장자리를 잘라 냅니다.",
      extra && "output_padding은 함께 잘려 나갔을 점선 가장자리를 남겨 둡니다.",
      beyond && "캔버스 바깥에는 남겨 둘 것이 없어 점을 두른 칸에는 편향만 있습니다.",
    ].filter(Boolean).join(" "),
  stampNote: "입력의 값마다 그 값을 곱한 커널을 캔버스에 도장처럼 찍습니다. 겹치는 곳은 더합니다.",
  slideNote: "입력의 값 사이와 둘레에 0을 넣어 벌려 놓고(둘레의 폭은 dilation·(kernel_size − 1) − padding), " +
    "뒤집은 커널로 보통의 합성곱처럼 훑습니다.",
  spread: "벌려 놓은 입력",
  flipped: "뒤집은 커널",
  overlapNote: "출력의 칸마다 커널 가중치가 몇 개 닿는지 셉니다.",
  even: (axis, kernel, stride) =>
    `${axis}: kernel_size ${subject(kernel)} stride ${toward(stride)} 나누어떨어지고, ` +
    "안쪽 칸에 닿는 개수가 모두 같습니다.",
  evenAnyway: (axis, each) => `${axis}: 그래도 칸마다 ${each}개씩 닿습니다.`,
  uneven: (axis, kernel, stride, low, high) =>
    `${axis}: kernel_size % stride = ${kernel} % ${stride} = ${kernel % stride}. ` +
    `안쪽 칸에 ${low}개 또는 ${high}개가 닿아 체커보드 무늬가 생깁니다.`,
  gap: (axis) => `${axis}: 아무것도 닿지 않는 빈칸이 생깁니다.`,
  ratio: (ratio) => `이웃한 칸끼리 많게는 ${ratio} 대 1입니다.`,
  play: "재생",
  pause: "멈춤",
  back: "한 단계 뒤로",
  forward: "한 단계 앞으로",
  step: "단계",
  speed: "초당 단계",
  stepOf: (step, steps) => `${steps}단계 중 ${step}`,
  values: "입력과 커널의 값",
  inputKind: "입력 값",
  kernelKind: "커널 값",
  kinds: {
    ones: "모두 1",
    ramp: "1씩 커지는 수",
    random: "무작위",
    digit: "MNIST 숫자 그림",
    bilinear: "쌍선형",
    typed: "직접 입력",
  },
  seed: "시드",
  typedInput: "입력, 한 줄에 한 행",
  typedKernel: "커널, 한 줄에 한 행",
  notTyped: (limit) =>
    "받아들일 수 없습니다. 0.5처럼 쓴 수를 빈칸으로 띄우고, 행의 길이를 같게 하여 " +
    `가로세로 ${limit}칸까지 적어 주세요. 3.4e38을 넘을 수 없습니다.`,
  notTaken: (low, high) => `받아들일 수 없습니다. ${low}부터 ${high}까지의 수를 적어 주세요.`,
  channels: "채널, 그룹, 편향",
  channelsNote: "그림에는 채널이 하나씩만 나옵니다. 채널을 늘리면 모양과 파라미터와 코드가 바뀝니다.",
  biasValue: "그림에 쓸 편향 값",
  solver: "어떤 설정이 이 크기를 저 크기로 바꿀까?",
  from: "입력 크기",
  to: "출력 크기",
  solverAxis: "적용할 축",
  found: (count) => `설정 ${count}개. 한 축에서 칸마다 닿는 커널 가중치의 개수가 고른 것부터 나옵니다.`,
  beyond: (size) => `슬라이더가 ${size}까지라서 골라 볼 수는 없습니다.`,
  noneFound: "슬라이더의 범위 안에는 그런 설정이 없습니다.",
  noSize: (longest) => `크기는 1부터 ${longest}까지의 정수입니다.`,
  means: {
    even: (each) => (each > 1 ? `고르게 ${each}개씩 겹침` : "고르고 겹치지 않음"),
    borders: (low, high) => `모두 가장자리라 ${low}~${high}개씩 겹침`,
    uneven: (low, high) => `고르지 않게 ${low}~${high}개씩 겹침`,
    unreached: (none, all) => `${all}칸 중 ${none}칸에 닿지 않음`,
  },
  folds: (axis, sizes, size) => `${axis}: 같은 설정의 Conv2d는 크기 ${object(sizes)} ${toward(size)} 바꿉니다.`,
  foldsNone: (axis, size) => `${axis}: 같은 설정의 Conv2d가 ${toward(size)} 바꾸는 크기는 없습니다.`,
  presets: {
    article1: "1로 채운 3×3",
    article2: "1로 채운 3×3, stride 2",
    article3: "1로 채운 3×3, stride 2, padding 1",
    article4: "1로 채운 3×3, stride 2, output_padding 1",
    animation1: "2×2에서 4×4로",
    animation2: "3×3에서 5×5로, padding 1",
    decoder1: "MNIST 디코더: 7에서 14로",
    decoder2: "MNIST 디코더: 14에서 14로, 채널 128개",
    decoder3: "MNIST 디코더: 14에서 14로, 채널 64개",
    decoder4: "MNIST 디코더: 14에서 28로",
    dcgan: "DCGAN: kernel 4, stride 2, padding 1",
    unet: "U-Net: kernel 2, stride 2",
    dilated: "dilation 2",
    gaps: "빈칸이 생기는 설정: stride가 kernel_size보다 큼",
  },
};
