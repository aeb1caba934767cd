// What the page says besides what the checks say, in English and in Arabic.

const PAGE = {
  title: ["Check a draw", "التحقق من قرعة"],
  lead: [
    "See for yourself that a draw was fair, and that your request was in it.",
    "تحقّق بنفسك من عدل القرعة ومن وجود طلبك فيها.",
  ],
  offline: [
    "This page works without the internet. What you choose stays on this device.",
    "تعمل هذه الصفحة بلا إنترنت. ما تختاره يبقى في جهازك.",
  ],
  "draw-label": ["1. The files of the draw", "١. ملفات القرعة"],
  "draw-hint": [
    "Download them from the draw's page: one zip file, or all single files.",
    "نزّلها من صفحة القرعة: ملف zip واحد، أو الملفات كلها.",
  ],
  "receipt-label": ["2. Your receipt, if you have one", "٢. إيصالك، إن كان عندك"],
  "receipt-hint": [
    "Download it from your request's page. Its name begins with {prefix}; for a night of the exchange with {wish}.",
    "نزّله من صفحة طلبك. يبدأ اسمه بـ {prefix}، ولليلة التبادل بـ {wish}.",
  ],
  choose: ["Choose files", "اختيار الملفات"],
  "choose-receipt": ["Choose the receipt", "اختيار الإيصال"],
  chosen: ["Chosen: {names}", "اخترت: {names}"],
  complete: ["All {number} files are there.", "الملفات كلها موجودة، وعددها {number}."],
  "still-missing": ["Still missing: {names}", "ما زال ناقصًا: {names}"],
  unknown: ["Not a file of a draw: {names}", "ليس من ملفات القرعة: {names}"],
  working: ["Checking. On an old phone this can take a minute.", "يجري التحقق. قد يستغرق دقيقة على هاتف قديم."],
  again: ["Start again", "البدء من جديد"],
  "all-right": ["All checks passed", "نجح التحقق كله"],
  "all-right-draw": ["Draw {reference}", "القرعة {reference}"],
  "all-right-night": ["Night {night} of the exchange", "ليلة التبادل {night}"],
  "not-right": ["A check failed", "لم ينجح التحقق"],
  "choose-again": ["Choose again", "اختر من جديد"],
  "line-of-file": ["Line {row} of the file.", "السطر {row} من الملف."],
  "what-to-do": [
    "Download everything again and check once more: a download that was cut off fails too. If it fails again, keep " +
      "the files, let somebody else check them, and ask the office.",
    "نزّل كل شيء وأعد التحقق: التنزيل المقطوع لا ينجح أيضًا. فإن لم ينجح فاحتفظ بالملفات، ودع غيرك " +
      "يتحقق منها، واسأل الفرع.",
  ],
  "draw-still-right": ["The draw itself passed all its checks.", "القرعة نفسها نجحت في كل تحقق."],
  "you-got": ["You got an appointment", "نلت موعدًا"],
  "you-got-none": ["No appointment this time", "لا موعد هذه المرة"],
  "yours-right": [
    "Your request was in the draw, and all checks passed.",
    "كان طلبك في القرعة، ونجح التحقق كله.",
  ],
  "why-none": [
    "Requests behind you can have got appointments at other offices or times than yours.",
    "قد تنال طلبات بعدك مواعيد في فروع أو أوقات غير التي طلبتها.",
  ],
  "you-keep": [
    "You need not ask again. In the next draw you are ahead of everyone who lost fewer draws than you.",
    "لا حاجة إلى طلب جديد. في القرعة القادمة تسبق كل من خسر قرعات أقل منك.",
  ],
  "your-request": ["Your request", "طلبك"],
  "in-list": ["In the list", "في القائمة"],
  "in-list-is": ["yes, line {row} of line.csv", "نعم، السطر {row} من line.csv"],
  position: ["Your place in the line", "مكانك في الدور"],
  "position-is": ["{position} of {all}", "{position} من {all}"],
  why: ["Why", "لماذا"],
  "why-lost": ["Draws that you lost before: {lost}.", "القرعات التي خسرتها قبل هذه: {lost}."],
  "why-turns": [
    "Requests ahead of you because they lost more draws: {turns}.",
    "الطلبات التي تسبقك لأنها خسرت قرعات أكثر: {turns}.",
  ],
  "why-chance": [
    "Requests ahead of you by chance, with a lower lottery number: {chance}.",
    "الطلبات التي تسبقك برقم أصغر في القرعة: {chance}.",
  ],
  "lottery-number": ["Your lottery number", "رقمك في القرعة"],
  "lottery-is": [
    "{share} on a scale from 0 to 100; lower is further ahead",
    "{share} على مقياس من ٠ إلى ١٠٠؛ الأصغر يتقدّم",
  ],
  appointment: ["Your appointment", "موعدك"],
  office: ["Office: {office}", "الفرع: {office}"],
  day: ["Day: {day}", "اليوم: {day}"],
  band: ["Time of day: {band}", "وقت اليوم: {band}"],
  "exact-time": ["The exact time stands on your request's page.", "الوقت الدقيق في صفحة طلبك."],
  checks: ["What was checked", "ما جرى التحقق منه"],
  ok: ["Right", "صحيح"],
  doubtful: ["Note", "انتبه"],
  wrong: ["Wrong", "خطأ"],
  "cannot-know": ["What this page cannot know", "ما لا تعرفه هذه الصفحة"],
  "cannot-keys": [
    "Whether the log and the witnesses are the true ones. Compare these keys with those that the witnesses publish:",
    "هل السجل والشهود هم الحقيقيون. قارن هذه المفاتيح بما ينشره الشهود:",
  ],
  "cannot-outcome": [
    "Who got which appointment that night, and whether the numbers of a line stand for all that was wished for. The " +
      "office's own program decides it again, and says with your part of the night what they stand for: mawid exchange verify.",
    "من نال أي موعد تلك الليلة، وهل تمثّل أرقام السطر كل ما رُغب فيه. برنامج الجهة يعيد الحساب، ويذكر مع ملف مشاركتك فيها " +
      "ما تمثّله: mawid exchange verify.",
  ],
  "cannot-ended": [
    "Whether a wish ended, or another one took its place, before the night closed: a copy of the log tells.",
    "هل انتهت الرغبة أو حلّت محلها أخرى قبل إغلاق الليلة: تذكر ذلك نسخة من السجل.",
  ],
  "cannot-rules": [
    "Whether each place was given by the rules: what others asked for is private. Observers check that.",
    "هل أُعطي كل موعد بحسب القواعد: طلبات الناس خاصة. المراقبون يتحققون من ذلك.",
  ],
  "cannot-people": [
    "Whether everyone in the line is a real person, and whether all places of the offices were in the draw.",
    "هل كل من في الدور أشخاص حقيقيون، وهل دخلت أماكن الفروع كلها في القرعة.",
  ],
  "cannot-page": [
    "Whether this page itself is genuine. If the office's site gave it to you, check again with a copy from a " +
      "witness, a newspaper or a friend.",
    "هل هذه الصفحة نفسها أصلية. إن كانت من موقع الجهة فأعد التحقق بنسخة من شاهد أو صحيفة أو صديق.",
  ],
  "cannot-yours": [
    "Whether your own request is inside: choose your receipt above.",
    "هل طلبك موجود: اختر إيصالك في الأعلى.",
  ],
  details: ["Fingerprints, to compare", "البصمات، للمقارنة"],
  statement: ["Closing statement", "بيان الإغلاق"],
  commitment: ["Promise of the secret number", "وعد الرقم السري"],
  requests: ["Requests", "الطلبات"],
  program: ["The program of this page", "برنامج هذه الصفحة"],
  damaged: [
    "This page stumbled over these files. Download the page and the files again.",
    "تعثّرت هذه الصفحة بهذه الملفات. نزّل الصفحة والملفات مرة أخرى.",
  ],
};

const BANDS = {
  morning: ["morning (8 to 10)", "صباحًا (٨ – ١٠)"],
  midday: ["late morning (10 to 12)", "قبل الظهر (١٠ – ١٢)"],
  afternoon: ["afternoon (12 to 4)", "بعد الظهر (١٢ – ٤)"],
};
