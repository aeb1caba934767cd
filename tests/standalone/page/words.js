// Every sentence of the page, in English and in Arabic; what stands in braces is filled in.

// What was checked and is right.
const RIGHT = {
  files: [
    "The {number} files are whole: each is the one that the result names, and none contradicts itself.",
    "الملفات كلها سليمة (عددها {number}): كل ملف هو الذي سمّته النتيجة، ولا تناقض فيها.",
  ],
  log: [
    "Announcement, closing statement and result stand in the public log {name}, in this order.",
    "الإعلان وبيان الإغلاق والنتيجة مكتوبة بهذا الترتيب في السجل العام {name}.",
  ],
  witnesses: [
    "Witnesses signed the closing statement in time: {names}. At least {need} had to.",
    "وقّع الشهود بيان الإغلاق في وقته: {names}. وكان يلزم منهم {need} على الأقل.",
  ],
  "no-witnesses": [
    "This draw was announced without witnesses: the office alone vouches for its log.",
    "أُعلنت هذه القرعة بلا شهود: الجهة وحدها تشهد على سجلّها.",
  ],
  announced: [
    "The draw kept to its announcement: the same times and days, the same secret number, the same source of chance.",
    "جرت القرعة كما أُعلنت: الأوقات والأيام نفسها، والرقم السري نفسه، ومصدر المصادفة نفسه.",
  ],
  lists: [
    "No request was added, left out or changed after the closing: {number} in the line, {turns} whose turn was kept.",
    "لم يُضف طلب ولم يُحذف ولم يُغيَّر بعد الإغلاق: في الدور {number}، وحُفظ الدور لطلبات عددها {turns}.",
  ],
  seed: [
    "The office's secret number is the one that it fixed before anyone asked.",
    "الرقم السري للجهة هو الذي ثبّتته قبل أن يطلب أحد.",
  ],
  drand: [
    "Chance came from round {round} of the public network drand, and its signature is genuine.",
    "جاءت المصادفة من الجولة {round} للشبكة العامة drand، وتوقيعها صحيح.",
  ],
  "drand-other": [
    "Chance came from round {round} of a network that this page does not know: the office itself named its key. Ask " +
      "who runs it, and who could know its value early.",
    "جاءت المصادفة من الجولة {round} لشبكة لا تعرفها هذه الصفحة، والجهة نفسها سمّت مفتاحها. اسأل من يديرها ومن يستطيع " +
      "معرفة قيمتها قبل غيره.",
  ],
  "own-group": [
    "Chance came from a key of the office itself: it is the only value possible, but the office could know it early.",
    "جاءت المصادفة من مفتاح الجهة نفسها: هي القيمة الوحيدة الممكنة، لكن الجهة تستطيع معرفتها قبل غيرها.",
  ],
  group: [
    "Chance came from the joint signature of {names} ({need} needed): the only one that can exist for this draw.",
    "جاءت المصادفة من التوقيع المشترك: {names} (يلزم {need})، وهو التوقيع الوحيد الممكن لهذه القرعة.",
  ],
  line: [
    "Everyone stands where chance put them: all {number} lottery numbers were computed again.",
    "كل طلب في المكان الذي وضعته فيه المصادفة: أُعيد حساب أرقام القرعة كلها، وعددها {number}.",
  ],
  served: [
    "{served} of {number} requests got an appointment ({people} people), as the result says.",
    "نال موعدًا {served} من {number} من الطلبات (عدد الأشخاص {people})، كما تقول النتيجة.",
  ],
  priorities: [
    "No earlier draw counts twice for anyone.",
    "لا تُحسب قرعة سابقة لأحد مرتين.",
  ],
  inside: [
    "Your request is inside, exactly as you asked: line {row} of line.csv.",
    "طلبك موجود كما طلبته تمامًا: السطر {row} من line.csv.",
  ],
  logged: [
    "Your request was in the public log before the list was closed (entry {at}).",
    "كان طلبك في السجل العام قبل إغلاق القائمة (القيد {at}).",
  ],
  place: [
    "Your appointment is the one that the result fixed, at an office and on a day that you asked for.",
    "موعدك هو الذي ثبّتته النتيجة، في فرع ويوم من اختيارك.",
  ],
  "no-place": [
    "The result fixed that your request got no appointment this time.",
    "ثبّتت النتيجة أن طلبك لم ينل موعدًا هذه المرة.",
  ],
  "no-place-yet": [
    "This receipt is from before the result. Download it again from your request's page to check your appointment too.",
    "هذا الإيصال من قبل النتيجة. نزّله مرة أخرى من صفحة طلبك للتحقق من موعدك أيضًا.",
  ],
};

// What is wrong: with a file, with the draw, with a receipt.
const WRONG = {
  missing: ["{file} is missing.", "الملف {file} ناقص."],
  large: ["{file} is larger than any draw's.", "الملف {file} أكبر من ملفات أي قرعة."],
  utf8: ["{file} is not text (UTF-8).", "الملف {file} ليس نصًا (UTF-8)."],
  json: ["{file} is not JSON that can be read in one way only.", "الملف {file} ليس JSON يُقرأ بطريقة واحدة."],
  "key-twice": ["{file} says something twice.", "في الملف {file} شيء مكرّر."],
  "key-missing": ["{file} does not say {key}.", "الملف {file} لا يذكر {key}."],
  "key-unknown": ["{file} has something that no draw has: {key}.", "في الملف {file} ما ليس في أي قرعة: {key}."],
  number: ["{file}: a number is not the one that was fixed, or too large.", "الملف {file}: عدد غير الذي ثُبّت، أو كبير جدًا."],
  spelling: ["{file} is spelled in another way than the rules allow.", "الملف {file} مكتوب بغير الطريقة التي تسمح بها القواعد."],
  value: ["{file}: {key} holds what it cannot hold.", "الملف {file}: في {key} قيمة غير ممكنة."],
  columns: ["{file} is another table than it should be.", "الملف {file} جدول غير المطلوب."],
  cut: ["{file} is cut off. Download it again.", "الملف {file} مقطوع. نزّله مرة أخرى."],
  order: ["{file}: what is there is out of order, or there twice.", "الملف {file}: محتواه غير مرتّب أو مكرّر."],
  times: ["{file}: its times do not follow each other.", "الملف {file}: أوقاته لا يتبع بعضها بعضًا."],
  hash: ["{file} was changed: its fingerprint is not the one that was fixed.", "الملف {file} تغيّر: بصمته غير التي ثُبّتت."],
  differs: ["{file}: {key} is not what {other} says.", "الملف {file}: ‏{key} غير ما في {other}."],
  packed: ["{file} holds damaged data.", "في الملف {file} بيانات تالفة."],
  bin: ["{file}: these places contradict others, or the days of the draw.", "الملف {file}: هذه الأماكن تناقض غيرها أو أيام القرعة."],
  "slot-twice": ["{file}: the places of slot {slot} are there twice.", "الملف {file}: أماكن الفترة {slot} مكرّرة."],
  zip: ["{file} is not a zip that can be read. Download it again.", "الملف {file} ليس zip صالحًا. نزّله مرة أخرى."],
  "file-twice": ["{file} is in the zip twice.", "الملف {file} مكرّر في zip."],

  key: ["{file}: a key in it is not one that can sign.", "الملف {file}: فيه مفتاح لا يصلح للتوقيع."],
  proof: ["{file}: its proof from the log cannot be read.", "الملف {file}: إثباته من السجل لا يُقرأ."],
  "log-signature": ["{file}: the log did not sign this.", "الملف {file}: لم يوقّع السجل هذا."],
  "not-in-log": ["{file}: this does not stand in the log.", "الملف {file}: هذا غير مكتوب في السجل."],
  "log-order": ["{file}: it does not stand in the log when it should.", "الملف {file}: موضعه في السجل غير صحيح."],
  cosignature: ["{file}: the signature of the witness {witness} is false.", "الملف {file}: توقيع الشاهد {witness} غير صحيح."],
  "few-witnesses": [
    "{file}: only {number} witnesses signed in time, {need} are needed.",
    "الملف {file}: وقّع في الوقت {number} من الشهود، ويلزم {need}.",
  ],
  round: ["{file}: it names another round of drand than the rule gives.", "الملف {file}: يسمّي جولة غير التي تحددها القاعدة."],
  root: ["{file}: the list is not the one that was fixed at the closing.", "الملف {file}: القائمة غير التي ثُبّتت عند الإغلاق."],
  seed: ["{file}: the secret number is not the one that was promised.", "الملف {file}: الرقم السري غير الذي وُعد به."],
  beacon: ["{file}: the signature that chance comes from is false.", "الملف {file}: التوقيع الذي تأتي منه المصادفة غير صحيح."],
  "value-of-beacon": ["{file}: its value does not follow from its signature.", "الملف {file}: قيمته لا تنتج من توقيعه."],
  line: ["{file}: somebody stands where chance did not put them.", "الملف {file}: طلب في مكان لم تضعه فيه المصادفة."],
  served: ["{file}: {number} requests got an appointment, not as many as it says.", "الملف {file}: نال موعدًا {number} من الطلبات، لا العدد المذكور."],
  priority: ["{file}: a priority is not one that can be there.", "الملف {file}: أولوية غير ممكنة."],
  "link-twice": ["{file}: an earlier request counts for two.", "الملف {file}: طلب سابق محسوب مرتين."],

  "other-draw": [
    "This receipt is for the draw {draw}, these files are of {reference}. Choose the files of your draw.",
    "هذا الإيصال للقرعة {draw}، وهذه ملفات {reference}. اختر ملفات قرعتك.",
  ],
  "not-inside": [
    "Your request is not in the list as you asked. Keep receipt and files, and ask the office for the reason.",
    "طلبك ليس في القائمة كما طلبته. احتفظ بالإيصال والملفات واسأل الفرع عن السبب.",
  ],
  "other-link": [
    "The list does not count the earlier draws that your receipt names.",
    "القائمة لا تحسب القرعات السابقة المذكورة في إيصالك.",
  ],
  "not-logged": [
    "This receipt was downloaded before the log had your request. Download it again from your request's page.",
    "نُزّل هذا الإيصال قبل كتابة طلبك في السجل. نزّله مرة أخرى من صفحة طلبك.",
  ],
  "logged-late": [
    "Your request came into the log after the list was closed.",
    "دخل طلبك السجل بعد إغلاق القائمة.",
  ],
  fork: [
    "The log that your receipt shows is another one than the draw's. Show both to a witness: somebody keeps two logs.",
    "السجل في إيصالك غير سجل القرعة. اعرض الاثنين على شاهد: هناك من يحتفظ بسجلّين.",
  ],
  "other-place": [
    "The appointment of your receipt is not the one that the result fixed.",
    "الموعد في إيصالك غير الذي ثبّتته النتيجة.",
  ],
  "served-differs": [
    "List and receipt do not agree on whether you got an appointment.",
    "القائمة والإيصال لا يتفقان على نيلك موعدًا.",
  ],
  "not-asked-for": [
    "The appointment of your receipt is not one that you asked for.",
    "الموعد في إيصالك ليس مما طلبته.",
  ],
};

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
    "Download it from your request's page. Its name begins with mawid-receipt.",
    "نزّله من صفحة طلبك. يبدأ اسمه بـ mawid-receipt.",
  ],
  choose: ["Choose files", "اختيار الملفات"],
  "choose-receipt": ["Choose the receipt", "اختيار الإيصال"],
  chosen: ["Chosen: {names}", "اخترت: {names}"],
  "still-missing": ["Still missing: {names}", "ما زال ناقصًا: {names}"],
  unknown: ["Not a file of a draw: {names}", "ليس من ملفات القرعة: {names}"],
  working: ["Checking. On an old phone this can take a minute.", "يجري التحقق. قد يستغرق دقيقة على هاتف قديم."],
  again: ["Start again", "البدء من جديد"],
  "all-right": ["All checks passed", "نجح التحقق كله"],
  "all-right-draw": ["Draw {reference}", "القرعة {reference}"],
  "not-right": ["A check failed", "لم ينجح التحقق"],
  "line-of-file": ["Line {row} of the file.", "السطر {row} من الملف."],
  "what-to-do": [
    "Download everything again and check once more: a download that was cut off fails too. If it fails again, keep the " +
      "files, let somebody else check them, and ask the office.",
    "نزّل كل شيء وأعد التحقق: التنزيل المقطوع لا ينجح أيضًا. فإن لم ينجح فاحتفظ بالملفات، ودع غيرك يتحقق منها، واسأل الفرع.",
  ],
  "draw-still-right": ["The draw itself passed all its checks.", "القرعة نفسها نجحت في كل تحقق."],
  "you-got": ["You got an appointment", "نلت موعدًا"],
  "you-got-none": ["No appointment this time", "لا موعد هذه المرة"],
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
  "why-turns": ["Draws lost before: {lost}. Ahead of you who lost more: {turns}.", "القرعات التي خسرتها قبل هذه: {lost}. قبلك ممن خسر أكثر: {turns}."],
  "why-chance": [
    "Ahead of you by chance, with as many lost draws and a lower number: {chance}.",
    "قبلك بالمصادفة، بالخسارات نفسها ورقم أصغر: {chance}.",
  ],
  "lottery-number": ["Your lottery number", "رقمك في القرعة"],
  "lottery-is": ["{share} on a scale from 0 to 100; lower is further ahead", "{share} على مقياس من ٠ إلى ١٠٠؛ الأصغر يتقدّم"],
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
  "cannot-rules": [
    "Whether each place was given by the rules: what others asked for is private. Observers check that.",
    "هل أُعطي كل موعد بحسب القواعد: طلبات الناس خاصة. المراقبون يتحققون من ذلك.",
  ],
  "cannot-people": [
    "Whether everyone in the line is a real person, and whether all places of the offices were in the draw.",
    "هل كل من في الدور أشخاص حقيقيون، وهل دخلت أماكن الفروع كلها في القرعة.",
  ],
  "cannot-yours": ["Whether your own request is inside: choose your receipt above.", "هل طلبك موجود: اختر إيصالك في الأعلى."],
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

// Checks that passed, but leave something to ask.
const DOUBTFUL = ["no-witnesses", "drand-other", "own-group", "no-place-yet"];

// The sentence with its gaps filled in: a list of texts, and of {name, value} for what is filled in.
function sentence(words, facts, language) {
  return words[language === "ar" ? 1 : 0].split(/\{([a-z]+)\}/).map((text, i) => (i % 2 ? { name: text, value: facts[text] } : text));
}

// What a check says, in words; a code's row is told as a sentence of its own.
function checkInWords({ ok, code, facts }, language) {
  const parts = sentence((ok ? RIGHT : WRONG)[code], facts, language);
  return facts.row && !ok ? [...parts, " ", ...sentence(PAGE["line-of-file"], facts, language)] : parts;
}
